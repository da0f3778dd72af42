"""Canaries: small jobs without effect that measure each lane's true wait against its promise.

What they tell is read by `jobs.budgets`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from jobs import lifecycle
from jobs.drafting import Request
from jobs.lanes import Lane
from jobs.models import CanaryRun, Hold, HoldScope, Job, School
from jobs.settings import switchyard
from jobs.submission import submit_many

KIND = "jobs.canary"
KEPT = timedelta(minutes=1)
"""How long the job of a canary is kept once it has ended; what it measured is kept for the whole window."""
MOST_ROWS = 5000


def send(*, now: datetime) -> int:
    """Send a canary into each lane that has none, and return how many.

    One that is still waiting later than the promise counts as late at each look. Lanes that somebody
    holds are left out, and what waits in them is called back: their wait is wanted.
    """
    waiting = {job.lane: job for job in Job.objects.filter(kind=KIND, started_at=None, ended_at=None)}
    held = set(Hold.objects.filter(scope=HoldScope.LANE).values_list("name", flat=True))
    _call_back(job for lane, job in waiting.items() if lane in held)
    free = [lane for lane in switchyard().lanes.values() if lane.name not in held]
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
        title=f"Canary of {lane.name}",
        lane=lane.name,
    )


def _run(lane: Lane, *, waited: timedelta, now: datetime) -> CanaryRun:
    seconds = waited.total_seconds()
    return CanaryRun(lane=lane.name, at=now, waited_seconds=seconds, is_late=waited > _promise(lane))


def _promise(lane: Lane) -> timedelta:
    return timedelta(seconds=lane.promise_seconds)
