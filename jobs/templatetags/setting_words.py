"""Words of the settings pages: values with their units, rules as sentences, what a version changed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jobs.lanes import Lane
from jobs.outliving import COUNTED_ONE_BY_ONE, MOST_COUNTED
from jobs.overrides import name_of
from jobs.registry import UnknownKind, kind_named
from jobs.rules import Rule, read_rules
from jobs.sections import MEGABYTE
from jobs.setting_names import section_words
from jobs.setting_units import amount, unit_words
from jobs.simulation import Waits
from jobs.templatetags.job_words import span

register = template.Library()
register.filter("path_words", name_of)
register.filter(section_words)
register.filter(unit_words)

NONE = gettext_lazy("none")
HOLDS = {
    "paused": gettext_lazy("paused"),
    "drained": gettext_lazy("drained"),
    "lifted": gettext_lazy("lifted"),
}
"""What is done to holds, by the word that their records have."""
KILOBYTE = 1 << 10
SHORT_SECONDS = 9.95
PER_SECOND = " a second"


@register.filter
def with_unit(value: object, unit: str = "") -> str:
    """Return a setting's value in words: `14 units a second`, `10.0 MB a second`, `none`.

    Numbers by school are `northfield: 5 units a second, lakeside: none`.
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {with_unit(each, unit)}" for name, each in value.items()) or str(NONE)
    if value is None or value == "":
        return str(NONE)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, int | float):
        return str(value)
    is_rate = unit.endswith(PER_SECOND)
    if unit.startswith("bytes"):
        return _("{amount} a second").format(amount=_bytes(value)) if is_rate else _bytes(value)
    return amount(value, unit, written=number(value)) if unit else number(value)


@register.filter
def whole_with_unit(value: float, unit: str) -> str:
    """Return how much of a unit there is in whole ones: `9 units` of 9.7."""
    return str(with_unit(int(value), unit))


@register.filter
def soon(span_of: timedelta) -> str:
    """Return how long something takes that is over soon: `less than a second`, `12 s`."""
    return span(span_of) if span_of >= timedelta(seconds=1) else _("less than a second")


def _bytes(value: float) -> str:
    """Return a size as people read it, with the exact one where that differs."""
    about = str(filesizeformat(value))
    if value < KILOBYTE or value % MEGABYTE == 0:
        return about
    return _("{number} bytes ({about})").format(number=number(value), about=about)


@register.filter
def lane_limits(lane: Lane) -> list[str]:
    """Return the limits that all schools share in `lane`."""
    return _limits(
        (lane.rate, "units a second"),
        (lane.bytes_rate, "bytes a second"),
        (lane.service_workers, "parts at once to one outside service"),
    )


@register.filter
def school_limits(lane: Lane) -> list[str]:
    """Return the limits that each school has in `lane`, and how many have others."""
    return [*_limits_of_each(lane), *_schools_with_own(lane)]


@register.filter
def all_limits(lane: Lane) -> list[str]:
    """Return both, those of each school with these words."""
    of_each = (_("{limit} for each school").format(limit=limit) for limit in _limits_of_each(lane))
    return [*lane_limits(lane), *of_each, *_schools_with_own(lane)]


def _limits_of_each(lane: Lane) -> list[str]:
    return _limits(
        (lane.school_rate, "units a second"),
        (lane.school_bytes_rate, "bytes a second"),
        (lane.school_workers, "parts at once"),
    )


def _schools_with_own(lane: Lane) -> list[str]:
    own = len({*lane.rates_of_schools, *lane.bytes_rates_of_schools})
    words = ngettext("{:,} school with limits of its own", "{:,} schools with limits of their own", own)
    return [words.format(own)] if own else []


def _limits(*given: tuple[float | None, str]) -> list[str]:
    return [with_unit(value, unit) for value, unit in given if value is not None]


@register.filter
def number(value: float) -> str:
    """Return a number as people write it: `1,000`, `0.5`."""
    return str(intcomma(int(value) if float(value).is_integer() else value))


@register.filter
def waited(waits: Waits, name: str) -> str:
    """Return one of the `waits` as the effect of a change shows it: short ones to a tenth of a second."""
    seconds: float = getattr(waits, name)
    if not waits.jobs:
        return "\N{EN DASH}"
    return _("{number} s").format(number=f"{seconds:.1f}") if 0 < seconds < SHORT_SECONDS else span(seconds)


@register.filter
def hold_words(what: str) -> str:
    """Return what was done to a hold, in words; what another release wrote as it is."""
    return str(HOLDS.get(what, what))


@register.filter
def estimated(rows: int) -> str:
    """Return a number of rows; of more than are counted one by one, about how many."""
    if rows <= COUNTED_ONE_BY_ONE:
        return number(rows)
    return _("about {number}").format(number=number(round(rows, 2 - len(str(rows)))))


@register.filter
def counted(rows: int) -> str:
    """Return how many rows there are; counting ends at some number, beyond which there are more."""
    return (
        _("more than {number}").format(number=number(MOST_COUNTED)) if rows > MOST_COUNTED else number(rows)
    )


@register.filter
def percent(share: float) -> str:
    """Return a share of 1 as `75 %`."""
    return f"{share * 100:.0f} %"


@register.filter
def rule_words(rule: Rule) -> str:
    """Return the conditions of a rule as a sentence without its lane."""
    words = [_kind_label(rule.kind)]
    if rule.school:
        words.append(_("of the school {school}").format(school=rule.school))
    bounds = (
        (_("with {number} or more {units}"), rule.at_least),
        (_("with {number} or fewer {units}"), rule.at_most),
    )
    for bound, given in bounds:
        words += [
            bound.format(number=number(value), units=_unit(rule.kind, size)) for size, value in given.items()
        ]
    if rule.slower_than is not None:
        words.append(_("more than {number} times slower than usual").format(number=number(rule.slower_than)))
    if rule.expected_seconds_over is not None:
        words.append(
            _("expected to take more than {number} seconds").format(number=number(rule.expected_seconds_over))
        )
    return ", ".join(words) if not rule.is_for_all else _("Every {kind}").format(kind=words[0])


@register.filter
def rule_changes(change: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what became of the rules, as pairs of what happened and the rule; only for the path `routes`."""
    before, after = (read_rules(change[side] or []) for side in ("before", "after"))
    told = [(_("Taken away"), rule) for rule in before if rule not in after]
    told += [(_("Added"), rule) for rule in after if rule not in before]
    if not told:
        return [(_("Order"), _("The rules are tried in another order."))]
    return [(what, f"{rule_words(rule)} → {rule.lane}") for what, rule in told]


def _kind_label(kind: str) -> str:
    try:
        return str(kind_named(kind).label)
    except UnknownKind:
        return kind


def _unit(kind: str, size: str) -> str:
    try:
        return kind_named(kind).all_sizes.get(size, size)
    except UnknownKind:
        return size
