"""Canaries: small jobs without effect that measure each lane's true wait against its promise.

What they tell is read by `jobs.budgets`. A canary stands for whoever waits in the lane. While nobody does, a
yard that was just started breaks no promise before its first workers are there.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jobs import lifecycle
from jobs.drafting import Request
from jobs.forgetting import forgetting
from jobs.lanes import Lane
from jobs.models import CanaryRun, Hold, HoldScope, Job, Part, PartState, School, WorkerPresence
from jobs.settings import switchyard
from jobs.submission import submit_many

KIND = "jobs.canary"
KEPT = timedelta(minutes=1)
"""How long the job of a canary is kept once it has ended; what it measured is kept for the whole window."""
MOST_ROWS = 5000
AWAITED = timedelta(seconds=60)
"""How long after its start a yard waits for the first worker of a lane in which nothing waits."""


class Sender:
    """Sends the canaries of one supervisor, from its start on.

    A lane gets its first one as soon as a worker of it was present since the start, or anything waits in it,
    or a minute is over. So no outage is hidden: what waits is measured, whoever restarts how often.
    """

    def __init__(self, *, began_at: datetime) -> None:
        """Wait for the first worker of each lane; the supervisor began at `began_at`."""
        self._began_at = began_at
        self._awaited = set(switchyard().lanes)
        self._sent_at: datetime | None = None

    def take_turn(self, *, now: datetime) -> None:
        """Send what is due; call it about twice a second."""
        ready = self._ready(now=now)
        self._awaited -= ready
        pause = timedelta(seconds=switchyard().canary.every_seconds)
        if self._sent_at is None or now >= self._sent_at + pause:
            self._sent_at = now
            send(now=now, to=switchyard().lanes.keys() - self._awaited)
        elif ready:
            send(now=now, to=ready)

    def _ready(self, *, now: datetime) -> set[str]:
        """Return the lanes that were waited for until now."""
        if not self._awaited or now >= self._began_at + AWAITED:
            return set(self._awaited)
        seen = WorkerPresence.objects.filter(beat_at__gte=self._began_at)
        there = set(seen.values_list("lane", flat=True))
        waiting = Part.objects.filter(state=PartState.WAITING).order_by()
        return {lane for lane in self._awaited if lane in there or waiting.filter(lane=lane).exists()}


def send(*, now: datetime, to: Collection[str] | None = None) -> int:
    """Send a canary into each lane that has none, or each of those `to` which it shall go; return how many.

    One that is still waiting later than the promise counts as late at each look. Lanes that somebody
    holds are left out, and what waits in them is called back: their wait is wanted.
    """
    waiting = {job.lane: job for job in Job.objects.filter(kind=KIND, started_at=None, ended_at=None)}
    held = set(Hold.objects.filter(scope=HoldScope.LANE).values_list("name", flat=True))
    _call_back(job for lane, job in waiting.items() if lane in held)
    lanes = switchyard().lanes
    free = [lanes[name] for name in lanes if name not in held and (to is None or name in to)]
    CanaryRun.objects.bulk_create(
        [
            _run(lane, waited=now - waiting[lane.name].created_at, now=now)
            for lane in free
            if lane.name in waiting and now - waiting[lane.name].created_at > _promise(lane)
        ]
    )
    requests = [_request(lane, now=now) for lane in free if lane.name not in waiting]
    with transaction.atomic():
        submit_many(requests)
    _clear(now=now)
    return len(requests)


def arrive(job: Job, *, now: datetime) -> None:
    """Write down how long the canary waited, now that a worker has begun it."""
    _run(switchyard().lanes[job.lane], waited=now - job.created_at, now=now).save()


def _call_back(canaries: Iterable[Job]) -> None:
    for job in canaries:
        try:
            lifecycle.stop(job, by=None)
        except lifecycle.CannotChange:
            continue  # it has arrived in this moment


def _clear(*, now: datetime) -> None:
    """Delete the jobs of canaries that have arrived, and what was measured before the window."""
    ended = Job.objects.filter(kind=KIND, ended_at__lt=now - KEPT).order_by("id").values("pk")
    with forgetting():
        Job.objects.filter(pk__in=ended[:MOST_ROWS]).delete()
    before = now - timedelta(hours=switchyard().canary.window_hours)
    old = CanaryRun.objects.filter(at__lt=before).order_by("at").values("pk")
    CanaryRun.objects.filter(pk__in=old[:MOST_ROWS]).delete()


def _request(lane: Lane, *, now: datetime) -> Request:
    return Request(
        kind=KIND,
        school=School.objects.platform(),
        by=None,
        arguments={},
        key=f"{lane.name}-{now.timestamp():.3f}",
        title=_("Canary of {lane}").format(lane=lane.name),
        lane=lane.name,
    )


def _run(lane: Lane, *, waited: timedelta, now: datetime) -> CanaryRun:
    seconds = waited.total_seconds()
    return CanaryRun(lane=lane.name, at=now, waited_seconds=seconds, is_late=waited > _promise(lane))


def _promise(lane: Lane) -> timedelta:
    return timedelta(seconds=lane.promise_seconds)
