"""Rules that lead jobs to lanes: an ordered list, of which the first that fits decides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.language import gettext
from jobs.setting_fields import WrongSetting, can_have, did_you_mean

UNITS = "units"
"""The size that jobs of every kind have; each kind may declare more of its own."""


class NoRoute(Exception):
    """No rule leads this kind to a lane."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """What rules look at: a job that is submitted, or one that somebody imagines."""

    kind: str
    school: str = ""
    """The school's slug."""
    sizes: Mapping[str, float] = field(default_factory=dict)
    """Size by name: `units`, and what the kind declares."""
    times_slower: float | None = None
    """How many times the usual of its kind it takes, as learned; None when nothing was."""
    expected_seconds: float | None = None
    """Seconds of work that it is expected to take; None when nothing was learned."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: jobs that meet all its conditions take its lane."""

    kind: str
    lane: str
    school: str = ""
    """A school's slug; empty for every school."""
    at_least: Mapping[str, float] = field(default_factory=dict)
    """By size name: the job has at least so much. A size that the job does not tell meets no condition."""
    at_most: Mapping[str, float] = field(default_factory=dict)
    """By size name: the job has at most so much."""
    slower_than: float | None = None
    """The job takes more than so many times the usual of its kind, as learned."""
    expected_seconds_over: float | None = None
    """The job is expected to take more than so many seconds of work."""
    place: int = field(default=1, compare=False)
    """Its place in the list, from 1."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: with the rule's place, the value and a hint.
        """
        for name in ("kind", "lane", "school"):
            value = getattr(self, name)
            if not isinstance(value, str) or not (value or name == "school"):
                self._refuse(name, unit="name", hint=gettext("Write a name."))
        for name in ("at_least", "at_most"):
            self._require_sizes(name)
        for name, least in (("slower_than", 1), ("expected_seconds_over", 0)):
            value = getattr(self, name)
            if value is not None and not (is_number(value) and value >= least):
                unit = "times the usual" if least else "seconds"
                hint = gettext("Write a number from {least} on.").format(least=least)
                self._refuse(name, unit=unit, hint=hint)
        for size in self.at_least.keys() & self.at_most.keys():
            if self.at_least[size] > self.at_most[size]:
                hint = gettext("Write {most:g} at most for {size}: nothing meets both otherwise.").format(
                    most=self.at_most[size], size=size
                )
                self._refuse("at_least", unit="size", hint=hint)

    @property
    def path(self) -> str:
        """Where it stands in the settings."""
        return f"SWITCHYARD['routes'][{self.place - 1}]"

    @property
    def is_for_all(self) -> bool:
        """Whether it takes every job of its kind."""
        conditions = (self.school, self.at_least, self.at_most)
        return not any(conditions) and self.slower_than is None and self.expected_seconds_over is None

    @property
    def size_names(self) -> set[str]:
        """The sizes that it looks at."""
        return {*self.at_least, *self.at_most}

    def takes(self, example: Example) -> bool:
        """Whether `example` meets all conditions."""
        return (
            self.kind == example.kind
            and self.school in ("", example.school)
            and all(example.sizes.get(size, -1) >= least for size, least in self.at_least.items())
            and all(
                size in example.sizes and example.sizes[size] <= most for size, most in self.at_most.items()
            )
            and _is_over(example.times_slower, self.slower_than)
            and _is_over(example.expected_seconds, self.expected_seconds_over)
        )

    def as_setting(self) -> dict[str, Any]:
        """Return it as settings hold it: a dict without what it leaves open."""
        given = {name: getattr(self, name) for name in FIELDS}
        as_json = {
            name: dict(value) if isinstance(value, Mapping) else value for name, value in given.items()
        }
        return {name: value for name, value in as_json.items() if value not in ("", None, {})}

    def _require_sizes(self, name: str) -> None:
        sizes = getattr(self, name)
        if not isinstance(sizes, Mapping):
            hint = gettext("Write a dict such as {example}.").format(example={UNITS: 1000})
            self._refuse(name, unit="dict of sizes", hint=hint)
        for size, value in sizes.items():
            if not is_number(value) or value < 0:
                hint = gettext("Write a number from {least} on.").format(least=0)
                self._refuse(name, unit=f"size {size}", hint=hint)

    def _refuse(self, name: str, *, unit: str, hint: str) -> None:
        raise WrongSetting(name=f"{self.path}[{name!r}]", value=getattr(self, name), unit=unit, hint=hint)


FIELDS = ("kind", "school", "at_least", "at_most", "slower_than", "expected_seconds_over", "lane")
"""What a rule in the settings may say, in the order in which pages say it."""


def is_number(value: object) -> bool:
    """Whether `value` is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_over(value: float | None, threshold: float | None) -> bool:
    return threshold is None or (value is not None and value > threshold)


def first_rule(rules: Iterable[Rule], example: Example) -> Rule:
    """Return the first of `rules` that takes `example`.

    Raises:
        NoRoute: none does.
    """
    kinds: list[str] = []
    for rule in rules:
        if rule.takes(example):
            return rule
        kinds.append(rule.kind)
    message = gettext("No route for the kind {kind!r}: add it to SWITCHYARD['routes'].").format(
        kind=example.kind
    )
    raise NoRoute(message + did_you_mean(example.kind, kinds))


def read_rules(given: object) -> list[Rule]:
    """Return the rules that the list `given` (the value of SWITCHYARD['routes']) stands for.

    Raises:
        WrongSetting: it is no list, or a rule has an unknown or missing key or a value that cannot work.
    """
    path = "SWITCHYARD['routes']"
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        example = {"kind": "emails.mailing", "lane": "bulk"}
        hint = gettext("Write a list of rules such as {example}.").format(example=example)
        raise WrongSetting(name=path, value=given, unit="list of rules", hint=hint)
    return [_read_rule(rule, place=place) for place, rule in enumerate(given, start=1)]


def _read_rule(given: object, *, place: int) -> Rule:
    path = f"SWITCHYARD['routes'][{place - 1}]"
    if not isinstance(given, Mapping):
        raise WrongSetting(name=path, value=given, unit="dict", hint=gettext("Write a dict here."))
    for key in given:
        if key not in FIELDS:
            hint = can_have(FIELDS) + did_you_mean(str(key), FIELDS)
            raise WrongSetting(name=path, value=key, unit="unknown key", hint=hint)
    for key in ("kind", "lane"):
        if key not in given:
            hint = gettext("Add the key {key!r}.").format(key=key)
            raise WrongSetting(name=path, value=dict(given), unit="rule", hint=hint)
    return Rule(place=place, **given)


def kinds_without_a_last_rule(rules: Sequence[Rule], *, kinds: Iterable[str]) -> list[str]:
    """Return those of `kinds` of which some job could meet no rule: none of their rules takes every job."""
    complete = {rule.kind for rule in rules if rule.is_for_all}
    return [kind for kind in kinds if kind not in complete]
