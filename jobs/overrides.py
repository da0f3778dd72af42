"""Overrides: what admins changed on the settings page, laid over the settings file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobs.language import Words, gettext, gettext_lazy
from jobs.setting_fields import WrongSetting, can_have, did_you_mean, settings_of
from jobs.setting_names import section_words, value_words

NAMED_SECTIONS = ("lanes", "services")
"""Sections that hold one dict for each name."""
PLAIN_SECTIONS = ("slowness", "canary", "breakers", "supervision", "api", "status", "history")
"""Sections that hold values."""
OVERRIDABLE = (*NAMED_SECTIONS, "routes", *PLAIN_SECTIONS)
"""What may be changed without a new settings file; the rest says what the machines are."""
NOT_OVERRIDABLE = ("is_vital",)
"""Values in these sections that the settings file alone decides."""
OF_ONE: Mapping[str, Words] = {
    "lanes": gettext_lazy("Lane {name}: {value}"),
    "services": gettext_lazy("Service {name}: {value}"),
    "schools": gettext_lazy("School {name}: {value}"),
}
OF_A_SECTION = gettext_lazy("{section}: {value}")
"""What pages call the values of one lane, service or school, and of a section."""

Path = tuple[str, ...]
"""Where a value stands, such as ("lanes", "bulk", "rate")."""


def merged(file: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings `file` (the value of SWITCHYARD) with `overrides` laid over it.

    Raises:
        WrongSetting: an override is of something that only the settings file decides.
    """
    whole = dict(file)
    for section, given in overrides.items():
        if section not in OVERRIDABLE:
            hint = can_have(OVERRIDABLE) + did_you_mean(section, OVERRIDABLE)
            raise WrongSetting(name="overrides", value=section, unit="section", hint=hint)
        whole[section] = given if section == "routes" else _laid_over(section, file.get(section, {}), given)
    return whole


def _laid_over(section: str, file: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if section in PLAIN_SECTIONS:
        return {**file, **given}
    whole = dict(file)
    for name, values in given.items():
        if section == "lanes" and name not in file:
            hint = gettext(
                "A new lane needs workers: add it to the settings file. There are: {lanes}."
            ).format(lanes=", ".join(file))
            raise WrongSetting(name="lanes", value=name, unit="lane", hint=hint)
        for fixed in NOT_OVERRIDABLE:
            if fixed in values:
                hint = gettext("Change it in the settings file.")
                raise WrongSetting(name=f"{section}.{name}", value=fixed, unit="fixed value", hint=hint)
        whole[name] = _grown({**file.get(name, {}), **values}, given=values)
    return whole


def _grown(values: dict[str, Any], *, given: Mapping[str, Any]) -> dict[str, Any]:
    """Raise the file's `most_workers` to the `workers` given alone: they may be of before the file had it."""
    workers, most = given.get("workers"), values.get("most_workers")
    is_more = isinstance(workers, int) and isinstance(most, int) and workers > most
    return {**values, "most_workers": workers} if is_more and "most_workers" not in given else values


def values_of(settings: Any) -> dict[Path, Any]:
    """Return the overridable values of `settings`, a `jobs.settings.Switchyard`, by path, as JSON."""
    return dict(_values(settings))


def _values(settings: Any) -> Iterator[tuple[Path, Any]]:
    yield ("routes",), [rule.as_setting() for rule in settings.routes]
    sections: list[tuple[Path, Any]] = [((name,), getattr(settings, name)) for name in PLAIN_SECTIONS]
    for section in NAMED_SECTIONS:
        sections += [((section, name), value) for name, value in getattr(settings, section).items()]
    for path, section in sections:
        for item, _ in settings_of(section):
            if item.name not in NOT_OVERRIDABLE:
                yield (*path, item.name), getattr(section, item.name)


def difference(before: Mapping[Path, Any], after: Mapping[Path, Any]) -> list[Path]:
    """Return the paths at which `after` differs; what one of them lacks counts as None."""
    return [path for path in {**before, **after} if before.get(path) != after.get(path)]


def nested(values: Mapping[Path, Any]) -> dict[str, Any]:
    """Return overrides in the shape of SWITCHYARD from values by path."""
    whole: dict[str, Any] = {}
    for path, value in values.items():
        place = whole
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    return whole


def flat(overrides: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the values by path of overrides in the shape of SWITCHYARD."""
    found: dict[Path, Any] = {}
    for section, given in overrides.items():
        if section == "routes":
            found[section,] = given
        elif section in PLAIN_SECTIONS:
            found.update({(section, key): value for key, value in given.items()})
        else:
            found.update(
                {
                    (section, name, key): value
                    for name, values in given.items()
                    for key, value in values.items()
                }
            )
    return found


def only_changed(*, file: Any, whole: Any) -> dict[str, Any]:
    """Return the overrides that make `whole` of `file`, and nothing that is equal in both."""
    before, after = values_of(file), values_of(whole)
    return nested({path: after.get(path) for path in difference(before, after)})


def name_of(path: Sequence[str]) -> str:
    """Return what the value at `path` is called on pages, such as `Lane bulk: rate`."""
    section, *place = path
    if not place:
        return section_words(section)
    words = OF_ONE.get(section, OF_A_SECTION)
    return words.format(section=section_words(section), name=place[0], value=value_words(place[-1]))
