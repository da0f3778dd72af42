"""Ringing lanes for what waits in them: doorbells may be lost, come too early, or meet a limit."""

from datetime import datetime, timedelta

from django.db.models import Q

from jobs import drawing, publishing
from jobs.claimable import claimable
from jobs.lanes import Lane
from jobs.models import Part, PartState
from jobs.presence import slots_in
from jobs.settings import Switchyard, switchyard

MOST_RINGS = 10_000
"""Doorbells that one look at a lane sends at most; the next look sends more."""
QUIET = timedelta(seconds=2)
"""A lane with claimable parts and no claim for this long is rung, whatever the broker says."""


def ring_waiting(*, lane: str, doorbells: int, now: datetime) -> int:
    """Ring the lane for claimable parts beyond the `doorbells` in its queue, and return how often.

    A doorbell may be lost with the broker, may have come before its part was ready, or may have met
    a limit. While claims go on, as many doorbells as workers may be on their way unseen.
    """
    settings = switchyard().lanes[lane]
    waiting = claimable(lane=settings, now=now)
    first = waiting.select_related("job").first()
    if first is None:
        return 0
    slots = slots_in(settings, now=now)
    if swallows_doorbells(switchyard(), settings):
        # Whoever works goes on without another doorbell; the others are rung.
        most, on_their_way = slots, _parts_at_work(lane)
    else:
        most, on_their_way = MOST_RINGS, slots if _claimed_lately(lane=lane, now=now) else 0
    missing = max(0, publishing.doorbells_for(waiting[:most].count(), lane=lane) - doorbells - on_their_way)
    publishing.ring(lane=lane, kind=first.job.kind, times=missing)
    return missing


def swallows_doorbells(settings: Switchyard, lane: Lane) -> bool:
    """Say whether doorbells may find nothing though parts wait: whoever answers one goes on while it can."""
    return lane.has_caps or drawing.limits_lane(settings, lane)


class Openings:
    """The limits that were closed at the last look, to ring their lanes as soon as they are paid."""

    def __init__(self) -> None:
        """Begin with none."""
        self._closed: dict[str, str] = {}

    def ring(self, *, now: datetime) -> int:
        """Ring the lanes that a limit kept back until a moment ago, and return how many."""
        settings = switchyard()
        limited = [lane for lane in settings.lanes.values() if drawing.limits_lane(settings, lane)]
        if not limited:
            return 0
        closed = {bucket.name: bucket.lane for bucket in drawing.closed(now=now)}
        opened = {lane for name, lane in self._closed.items() if name not in closed}
        self._closed = closed
        # The limit of an outside service, which has no lane, opens for all.
        rung = [lane for lane in limited if "" in opened or lane.name in opened]
        return sum(_ring_workers(lane, now=now) for lane in rung)


def _ring_workers(lane: Lane, *, now: datetime) -> bool:
    waiting = claimable(lane=lane, now=now)
    first = waiting.select_related("job").first()
    if first is None:
        return False
    times = waiting[: slots_in(lane, now=now)].count()
    return publishing.ring(lane=lane.name, kind=first.job.kind, times=times)


def _parts_at_work(lane: str) -> int:
    return Part.objects.filter(lane=lane, state=PartState.WORKING).order_by().count()


def _claimed_lately(*, lane: str, now: datetime) -> bool:
    lately = Q(state=PartState.WORKING) | Q(state=PartState.DONE, ended_at__gte=now - QUIET)
    return Part.objects.filter(lately, lane=lane, claimed_at__gte=now - QUIET).exists()
