"""The lanes: what waits in them, who works, how many there should be, and what their canaries tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from prometheus_client import Metric

from jobs.models import Hold, HoldScope, LaneReading, Part, PartState
from jobs.scraping.families import gauge
from jobs.settings import switchyard
from jobs.staffing import Staffed, staffed

KNOWN = timedelta(minutes=1)
"""A reading that is older tells nothing any more: nobody supervises."""


@dataclass(frozen=True, kw_only=True)
class _Now:
    """One lane."""

    staffed: Staffed
    working: int
    is_held: bool
    oldest_seconds: float
    reading: LaneReading | None


Figure = Callable[[_Now], float]
Read = Callable[[LaneReading], float | None]
NOW: tuple[tuple[str, str, Figure], ...] = (
    ("switchyard_parts_working", "Parts at work.", lambda now: now.working),
    (
        "switchyard_workers_wanted",
        "How many parts are to be worked on at once, over all hosts.",
        lambda now: now.staffed.staff.workers,
    ),
    (
        "switchyard_workers_present",
        "How many parts the workers that are there can work on at once.",
        lambda now: now.staffed.present,
    ),
    (
        "switchyard_promise_seconds",
        "The longest wait that is promised.",
        lambda now: now.staffed.lane.promise_seconds,
    ),
    ("switchyard_lane_held", "Whether a person paused or drains the whole lane.", lambda now: now.is_held),
)
READ: tuple[tuple[str, str, Read], ...] = (
    (
        "switchyard_parts_waiting",
        "Parts that wait for a worker or a limit; what a person holds does not count.",
        lambda read: read.waiting,
    ),
    (
        "switchyard_parts_delayed",
        "Parts that wait for their time, a next attempt or an outside service.",
        lambda read: read.delayed,
    ),
    (
        "switchyard_canary_wait_seconds",
        "How long the newest canary waited.",
        lambda read: read.canary_seconds,
    ),
    (
        "switchyard_canary_late",
        "Whether the lane breaks its promise now, as its canaries tell.",
        lambda read: read.is_late,
    ),
    (
        "switchyard_canary_measured",
        "Whether the lane is measured now: 0 where no canary is sent.",
        lambda read: read.is_measured,
    ),
    (
        "switchyard_budget_left_ratio",
        "The share of the error budget that is left: from 1 down to 0 and below.",
        lambda read: read.budget_left,
    ),
)


def collect(*, now: datetime) -> Iterator[Metric]:
    """Yield the figures of all lanes of the settings; what supervision reads only while somebody does."""
    lanes = _lanes(now=now)
    readings = [each.reading for each in lanes if each.reading is not None]
    for name, says, figure in NOW:
        yield gauge(name, says, ("lane",), (((each.staffed.lane.name,), figure(each)) for each in lanes))
    for name, says, read in READ:
        yield gauge(name, says, ("lane",), (((each.lane,), read(each)) for each in readings))
    yield gauge(
        "switchyard_oldest_wait_seconds",
        "How long the part has waited that waits longest; 0 where none does but what a person holds.",
        ("lane",),
        (((each.staffed.lane.name,), each.oldest_seconds) for each in lanes if each.reading is not None),
    )
    budget = switchyard().canary.budget
    says = "The share of the time in which a lane may break its promise."
    yield gauge("switchyard_budget_ratio", says, (), [((), budget)])


def _lanes(*, now: datetime) -> list[_Now]:
    at_work = Part.objects.filter(state=PartState.WORKING).order_by().values_list("lane")
    working = dict(at_work.annotate(Count("id")))
    held = set(Hold.objects.filter(scope=HoldScope.LANE).values_list("name", flat=True))
    readings = {reading.lane: reading for reading in LaneReading.objects.filter(at__gte=now - KNOWN)}
    return [
        _Now(
            staffed=each,
            working=working.get(each.lane.name, 0),
            is_held=each.lane.name in held,
            oldest_seconds=_waited(readings.get(each.lane.name), now=now),
            reading=readings.get(each.lane.name),
        )
        for each in staffed(switchyard().lanes, now=now)
    ]


def _waited(reading: LaneReading | None, *, now: datetime) -> float:
    if reading is None or reading.oldest_at is None:
        return 0.0
    return max(0.0, (now - reading.oldest_at).total_seconds())
