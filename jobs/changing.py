"""Changing the settings while everything runs: a version each, checked, audited, undone by one call."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from jobs import schools, versions
from jobs.models import Person, School, SettingsVersion
from jobs.overrides import Path, difference, flat, name_of, nested, values_of
from jobs.room import crowding
from jobs.schools import Change, NewSchool, Values
from jobs.settings import Switchyard, look_again, read_with
from jobs.soundness import Flaw, flaws_of
from jobs.vital import vital_lanes_touched

log = structlog.get_logger()


class CannotChangeSettings(Exception):
    """The settings stay as they are; the sentence says why and what to do."""


class ChangedInBetween(CannotChangeSettings):
    """Someone else changed the settings after the person had seen them."""


class NothingChanged(CannotChangeSettings):
    """The change leaves everything as it is."""


class Unsound(CannotChangeSettings):
    """Each value is right by itself, but together they do not work."""

    def __init__(self, flaw: Flaw) -> None:
        """Keep what to do, and the `name` of the setting that it is about, if it is about one."""
        super().__init__(f"{flaw.says} {flaw.hint}")
        self.name, self.hint = flaw.name, flaw.hint


class NotConfirmed(CannotChangeSettings):
    """The change touches a lane without which people stand still, and nobody typed its name."""

    def __init__(self, lane: str) -> None:
        """Name the `lane` that must be confirmed."""
        super().__init__(gettext("This changes the lane {lane}. Type its name to confirm.").format(lane=lane))
        self.lane = lane


class CannotUndo(CannotChangeSettings):
    """What the version changed has been changed again since."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Who changes the settings, why, and what they have seen and confirmed."""

    by: Person
    why: str
    expecting: int
    confirmed: str
    undoes: SettingsVersion | None = None
    new_school: NewSchool | None = None


def change(
    *,
    overrides: Mapping[str, Any] | None = None,
    schools: Mapping[str, Values] | None = None,
    new_school: NewSchool | None = None,
    by: Person,
    why: str,
    expecting: int,
    confirmed: str = "",
) -> SettingsVersion:
    """Put `overrides` (all that shall differ from the settings file) and values of `schools` in force.

    Without `overrides` they stay as they are; `schools` are by slug, as `jobs.schools` takes them, and a
    `new_school` is added. `expecting` is the number of the version that the person has seen, `confirmed`
    the name of a vital lane that they typed. It takes effect within two seconds in every process.

    Raises:
        WrongSetting: a value cannot work.
        CannotChangeSettings: nothing was changed; the sentence says why.
    """
    asked = _Asked(by=by, why=why, expecting=expecting, confirmed=confirmed, new_school=new_school)
    return _change(overrides, schools or {}, asked=asked)


def undo(
    version: SettingsVersion, *, by: Person, expecting: int, why: str = "", confirmed: str = ""
) -> SettingsVersion:
    """Take back what `version` changed, in a new version; later changes of other values stay.

    Raises:
        CannotUndo: a value has been changed again since, or was taken back already.
        CannotChangeSettings: as `change`.
    """
    why = why or gettext("Undoes version {number}: {why}").format(number=version.number, why=version.why)
    asked = _Asked(by=by, why=why, expecting=expecting, confirmed=confirmed, undoes=version)
    in_force = versions.settings_in_force()
    values, now = flat(versions.overrides_of(in_force)), values_of(in_force)
    of_schools: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for changed in version.changes:
        path: Path = tuple(changed["path"])
        if path[0] == "schools":
            _, slug, name = path
            of_schools[slug][name] = changed["before"]
            is_as_left = School.objects.filter(slug=slug, **{name: changed["after"]}).exists()
        else:
            values[path] = changed["before"]
            is_as_left = now.get(path) == changed["after"]
        if not is_as_left:
            raise CannotUndo(_why_not(version, path))
    return _change(nested(values), of_schools, asked=asked)


def _why_not(version: SettingsVersion, path: Path) -> str:
    """Return why the value at `path`, which is not as `version` left it, cannot be taken back."""
    undone_by = version.undone_by.filter(undone_by=None).order_by("-number").first()
    if undone_by is not None:
        return gettext("Version {number} was taken back already, by version {undone_by}.").format(
            number=version.number, undone_by=undone_by.number
        )
    return gettext("{name} was changed again after version {number}. Undo that first.").format(
        name=name_of(path), number=version.number
    )


def _change(
    overrides: Mapping[str, Any] | None, of_schools: Mapping[str, Values], *, asked: _Asked
) -> SettingsVersion:
    _require_newest(asked.expecting)
    before = versions.settings_in_force()
    after = before if overrides is None else read_with(overrides)
    changes = changes_between(before=before, after=after)
    require_sound(after, before=before)
    _require_confirmed(changes, before=before, after=after, confirmed=asked.confirmed)
    with transaction.atomic():
        changes += schools.set_values(of_schools, by=asked.by, why=asked.why)
        if asked.new_school is not None:
            changes.append(schools.add(asked.new_school))
        if not changes:
            message = gettext("Nothing was changed: all values are as they were.")
            raise NothingChanged(message)
        version = _write(asked, overrides=versions.overrides_of(after), changes=changes)
        transaction.on_commit(look_again)
    log.info(
        "settings_changed", version=version.number, by=asked.by.pk, paths=[each["path"] for each in changes]
    )
    return version


def _write(asked: _Asked, *, overrides: dict[str, Any], changes: list[Change]) -> SettingsVersion:
    try:
        with transaction.atomic():
            return SettingsVersion.objects.create(
                number=asked.expecting + 1,
                made_at=timezone.now(),
                made_by=asked.by,
                why=asked.why,
                overrides=overrides,
                changes=changes,
                undoes=asked.undoes,
            )
    except IntegrityError as error:
        raise _changed_in_between() from error


def _require_newest(expecting: int) -> None:
    if versions.newest_number() != expecting:
        raise _changed_in_between()


def _changed_in_between() -> ChangedInBetween:
    return ChangedInBetween(
        gettext(
            "Someone else changed the settings in the meantime. Compare what is in force now, and save again."
        )
    )


def require_sound(after: Switchyard, *, before: Switchyard) -> None:
    """Refuse settings that do not work together, or for which there is no room.

    Raises:
        Unsound: the first thing that does not work, and what to do.
    """
    for flaw in chain(flaws_of(after), crowding(after, before=before)):
        raise Unsound(flaw)


def _require_confirmed(
    changes: list[Change], *, before: Switchyard, after: Switchyard, confirmed: str
) -> None:
    paths = [tuple(each["path"]) for each in changes]
    for lane in vital_lanes_touched(paths, before=before, after=after):
        if lane not in confirmed.split():
            raise NotConfirmed(lane)


def changes_between(*, before: Switchyard, after: Switchyard) -> list[Change]:
    """Return each value that differs."""
    old, new = values_of(before), values_of(after)
    return [
        {"path": list(path), "before": old.get(path), "after": new.get(path)} for path in difference(old, new)
    ]
