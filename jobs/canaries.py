"""Canaries: small jobs without effect that measure each lane's true wait against its promise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from jobs.drafting import Request
from jobs.lanes import Lane
from jobs.models import CanaryRun, Hold, HoldScope, Job, School
from jobs.settings import switchyard
from jobs.submission import submit_many

KIND = "jobs.canary"
KEPT = timedelta(minutes=1)
"""How long the job of a canary is kept once it has ended; what it measured is kept for the whole window."""
MOST_ROWS = 5000
SILENT_LOOKS = 3
"""When so many canaries in a row tell nothing, something is wrong."""


def send(*, now: datetime) -> int:
    """Send a canary into each lane that has none, and return how many.

    One that is still waiting later than the promise counts as late at each look. Lanes that somebody
    holds are left out: their wait is wanted.
    """
    waiting = {job.lane: job for job in Job.objects.filter(kind=KIND, started_at=None, ended_at=None)}
    held = set(Hold.objects.filter(scope=HoldScope.LANE).values_list("name", flat=True))
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


@dataclass(frozen=True, kw_only=True)
class LaneHealth:
    """What the canaries of one lane tell."""

    newest_seconds: float
    """The newest wait."""
    is_late: bool
    """Whether that was longer than the promise, or none has arrived for far longer than it should take."""
    p95_seconds: float
    """Of twenty canaries of the last hour nineteen waited this long at most."""
    looks: int
    """Canaries within the window."""
    late: int
    """Those that waited longer than the promise."""
    allowed: float
    """How many of a whole window may be late."""

    @property
    def budget_left(self) -> float:
        """The share of the error budget that is left, from 1 down to 0 and below."""
        return 1 - self.late / self.allowed

    @property
    def percent_left(self) -> int:
        """The same of 100, and 0 when it is used up."""
        return max(0, round(100 * self.budget_left))


HEALTH = """
SELECT lane, count(*), count(*) FILTER (WHERE is_late),
    (array_agg(waited_seconds ORDER BY at DESC))[1],
    (array_agg(is_late ORDER BY at DESC))[1], max(at),
    lane IN (SELECT name FROM jobs_hold WHERE scope = 'lane'),
    percentile_disc(0.95) WITHIN GROUP (ORDER BY waited_seconds) FILTER (WHERE at >= %(hour)s)
FROM jobs_canaryrun WHERE at >= %(since)s GROUP BY lane
"""


def health(*, now: datetime) -> Mapping[str, LaneHealth]:
    """Return by lane what its canaries told within the window; lanes without any are left out."""
    settings = switchyard().canary
    values = {"since": now - timedelta(hours=settings.window_hours), "hour": now - timedelta(hours=1)}
    with connection.cursor() as cursor:
        cursor.execute(HEALTH, values)
        rows = cursor.fetchall()
    return {
        lane: LaneHealth(
            newest_seconds=newest,
            is_late=not is_held and (is_late or now - newest_at > _silence(lane)),
            p95_seconds=newest if p95 is None else p95,
            looks=looks,
            late=late,
            allowed=max(1.0, settings.budget * settings.window_hours * 3600 / settings.every_seconds),
        )
        for lane, looks, late, newest, is_late, newest_at, is_held, p95 in rows
    }


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


def _silence(name: str) -> timedelta:
    """Return how long no canary of a lane may have told anything."""
    lane = switchyard().lanes.get(name)
    every = timedelta(seconds=SILENT_LOOKS * switchyard().canary.every_seconds)
    return every + (_promise(lane) if lane else timedelta())


def _promise(lane: Lane) -> timedelta:
    return timedelta(seconds=lane.promise_seconds)
