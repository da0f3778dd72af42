"""What a job is expected to cost before it has begun, from its sizes and what its kind cost so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from jobs.costs import Cost as PlainCost
from jobs.models import Cost
from jobs.settings import switchyard


@dataclass(frozen=True, kw_only=True)
class Appraisal:
    """What is expected of a job; None where nothing was learned of its kind, or its units are not known."""

    seconds: float | None = None
    """Seconds of work, as its kind does lately."""
    times_slower: float | None = None
    """How many times the usual its kind takes lately."""


def known_cost(row: Cost) -> PlainCost:
    """Return what `row` says a kind costs, with what the settings assume of work heavier than any known."""
    learned = PlainCost(
        unit_seconds=row.unit_seconds,
        megabyte_seconds=row.megabyte_seconds,
        spread=row.spread,
        known_megabytes=row.known_megabytes,
    )
    return with_assumption(learned)


def with_assumption(cost: PlainCost) -> PlainCost:
    """Return `cost` with what the settings assume of work heavier than any known."""
    return replace(cost, assumed_megabyte_seconds=switchyard().slowness.unknown_megabyte_seconds)


def appraise(cost: Cost | None, *, units: float, megabytes: float) -> Appraisal:
    """Return what a job of so many units and megabytes is expected to cost."""
    if cost is None:
        return Appraisal()
    seconds = known_cost(cost).seconds(units=units, megabytes=megabytes) * cost.lately if units else None
    return Appraisal(seconds=seconds, times_slower=cost.lately)


def costs_of(kinds: Iterable[str]) -> Mapping[str, Cost]:
    """Return what is known of `kinds`, by name."""
    wanted = set(kinds)
    return Cost.objects.defer("experience").in_bulk(list(wanted)) if wanted else {}


def costs_for_routes(kinds: Iterable[str]) -> Mapping[str, Cost]:
    """Return what is known of those of `kinds` whose routes ask for it: few do, the others cost no query."""
    asking = {
        rule.kind
        for rule in switchyard().routes
        if rule.slower_than is not None or rule.expected_seconds_over is not None
    }
    return costs_of(asking.intersection(kinds))
