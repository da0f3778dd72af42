"""What a lane has to do now, and how many workers its limits can keep busy with that."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from jobs import drawing, scaling
from jobs.claimable import claimable
from jobs.drawing import Limit
from jobs.lanes import Lane
from jobs.models import Part, PartState, Step
from jobs.scaling import Load
from jobs.settings import switchyard

LATELY = timedelta(minutes=5)
"""The parts that were done since then tell how long one takes now."""
MOST_DONE = 500
"""So many of them, the newest, tell enough."""


@dataclass(frozen=True, kw_only=True)
class _Done:
    """A part that was done lately."""

    service: str
    seconds: float
    units: int
    bytes: int


def load_of(lane: Lane, *, now: datetime) -> Load:
    """Return what `lane` has to do at `now`."""
    rows = claimable(lane=lane, now=now).values_list("service").annotate(Count("id"), Min("ready_at"))
    waiting = {service: (parts, ready_at) for service, parts, ready_at in rows}
    oldest_at = min((ready_at for _, ready_at in waiting.values()), default=now)
    at_work = Part.objects.filter(lane=lane.name, state=PartState.WORKING).order_by()
    working = dict(at_work.values_list("service").annotate(Count("id")))
    done = _done_lately(lane, now=now)
    seconds = sum(part.seconds for part in done)
    parts = {service: number for service, (number, _) in waiting.items()}
    return Load(
        waiting=sum(parts.values()),
        working=sum(working.values()),
        oldest_seconds=(now - oldest_at).total_seconds(),
        part_seconds=seconds / len(done) if seconds else lane.part_seconds,
        promise_seconds=lane.promise_seconds,
        most_useful=_most_useful(lane, done=done, open_parts=(parts, working)),
    )


def _done_lately(lane: Lane, *, now: datetime) -> list[_Done]:
    done = Part.objects.filter(lane=lane.name, state=PartState.DONE, ended_at__gte=now - LATELY)
    newest = done.filter(step=Step.WORK).order_by("-ended_at")[:MOST_DONE]
    return [_Done(**row) for row in newest.values("service", "seconds", "units", "bytes")]


def _most_useful(lane: Lane, *, done: Iterable[_Done], open_parts: Iterable[Mapping[str, int]]) -> float:
    """Return how many workers the limits that all schools share can keep busy.

    `open_parts` are those that wait and those at work, by service: beside its limit each of them keeps one
    busy that does not go there. Honest limit: what other lanes draw on a service is not counted.
    """
    limits = drawing.limits_on(lane, school=None, services=switchyard().services.values())
    return min((_useful(limit, done=done, open_parts=open_parts) for limit in limits), default=math.inf)


def _useful(limit: Limit, *, done: Iterable[_Done], open_parts: Iterable[Mapping[str, int]]) -> float:
    concerned = [part for part in done if limit.concerns(part.service)]
    drawn = sum(part.bytes if limit.counts_bytes else part.units for part in concerned)
    if not drawn:
        return math.inf
    beside = sum(
        number
        for by_service in open_parts
        for service, number in by_service.items()
        if not limit.concerns(service)
    )
    unit_seconds = sum(part.seconds for part in concerned) / drawn
    return beside + scaling.most_useful(rate=limit.rate, unit_seconds=unit_seconds)
