"""Looking at all lanes once, for the status page: true waits, workers, the broker, services outside."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy

from jobs import budgets
from jobs.budgets import LaneHealth
from jobs.held import NOT_HELD
from jobs.lanes import Lane
from jobs.models import Hold, HoldScope, StatusSample, Sweep, Tally
from jobs.presence import present_slots
from jobs.settings import switchyard
from jobs.status.samples import LaneSample, Sample
from jobs.tallies import SUM, told_of_incidents

SWEPT = timedelta(seconds=20)
"""What an older sweep saw of the broker tells nothing."""
SILENT_SECONDS = 30
"""A service that has not answered anybody in a lane for this long counts as one that fails."""
KNOWN_SERVICES = {"relay": gettext_lazy("the mail relay"), "provider": gettext_lazy("the mail provider")}
"""What stands before the first colon of a breaker's name, in words; receivers of webhooks are none."""
MOST_PRUNED = 2000

# A job waits while no worker is at any of its parts: since it could be claimed, or since its last part ended.
# Only the oldest of each lane are looked at closely.
WAITS = """
WITH waiting AS (
    SELECT part.lane, part.job_id, min(part.ready_at) AS ready_at, count(*) AS parts
    FROM jobs_part part
    WHERE part.state = 'waiting' AND part.lane = ANY(%(lanes)s) AND NOT_HELD
    GROUP BY part.lane, part.job_id
), counted AS (
    SELECT *, sum(parts) OVER (PARTITION BY lane) AS depth,
        row_number() OVER (PARTITION BY lane ORDER BY ready_at) AS place
    FROM waiting
)
SELECT lane, max(depth)::int, min(greatest(ready_at, (
    SELECT max(other.ended_at) FROM jobs_part other WHERE other.job_id = counted.job_id
))) FILTER (WHERE NOT EXISTS (
    SELECT 1 FROM jobs_part other WHERE other.job_id = counted.job_id AND other.state = 'working'))
FROM counted WHERE place <= 50 GROUP BY lane
""".replace("NOT_HELD", NOT_HELD)

# By lane, the services whose breakers keep its parts from being tried; and where all that work wait for
# the same one, that too.
SERVICES = """
SELECT DISTINCT part.lane, split_part(part.waits_for, ':', 1)
FROM jobs_part part JOIN jobs_breaker breaker ON breaker.name = part.waits_for
WHERE part.state = 'delayed' AND part.waits_for <> '' AND breaker.state <> 'closed'
UNION ALL
SELECT lane, min(asks) FROM jobs_part WHERE state = 'working'
GROUP BY lane HAVING min(asks_seconds) >= %(silent)s
"""


def take(*, now: datetime) -> Sample:
    """Look at all lanes, and keep what was seen."""
    lanes = switchyard().lanes
    told, waits, services = budgets.health(now=now), _waits(lanes), _services()
    slots = present_slots(list(lanes), now=now)
    held = set(Hold.objects.filter(scope=HoldScope.LANE).values_list("name", flat=True))
    sample = Sample(
        at=now,
        lanes={
            name: _lane(
                lane,
                health=told.get(name),
                waits=waits.get(name, (0, None)),
                slots=slots.get(name, 0),
                is_held=name in held,
                service=services.get(name, ""),
                now=now,
            )
            for name, lane in lanes.items()
        },
        has_broker=_has_broker(now=now),
        seen=_seen(),
    )
    StatusSample.objects.create(at=now, body=sample.as_json())
    return sample


def recent(*, since: datetime, until: datetime) -> list[Sample]:
    """Return the samples of a span of time, oldest first."""
    rows = StatusSample.objects.filter(at__gte=since, at__lte=until).order_by("at")
    return [Sample.of_json(row.body, at=row.at) for row in rows.iterator()]


def recent_one(*, at: datetime, until: datetime) -> Sample | None:
    """Return the first sample since `at` that was taken before `until`."""
    row = StatusSample.objects.filter(at__gte=at, at__lt=until).order_by("at").first()
    return Sample.of_json(row.body, at=row.at) if row else None


def newest() -> Sample | None:
    """Return the newest sample; None before the first."""
    row = StatusSample.objects.order_by("-at").first()
    return Sample.of_json(row.body, at=row.at) if row else None


def prune(*, now: datetime) -> int:
    """Delete samples whose time is over, some thousands at most; return how many."""
    before = now - timedelta(days=switchyard().status.samples_days)
    old = StatusSample.objects.filter(at__lt=before).order_by("at").values("pk")[:MOST_PRUNED]
    return StatusSample.objects.filter(pk__in=old).delete()[0]


def _lane(
    lane: Lane,
    *,
    health: LaneHealth | None,
    waits: tuple[int, datetime | None],
    slots: int,
    is_held: bool,
    service: str,
    now: datetime,
) -> LaneSample:
    depth, since = waits
    waited = max(0.0, (now - since).total_seconds()) if since else 0.0
    canary = (health.overdue_seconds or health.newest_seconds or 0.0) if health else 0.0
    is_late = waited > lane.promise_seconds or (health is not None and health.is_late)
    return LaneSample(
        wait_seconds=round(max(waited, canary), 3),
        is_late=is_late and not is_held,
        waiting=depth,
        slots=slots,
        is_held=is_held,
        service=service,
    )


def _waits(lanes: Mapping[str, Lane]) -> dict[str, tuple[int, datetime | None]]:
    vital = [name for name, lane in lanes.items() if lane.is_vital]
    with connection.cursor() as cursor:
        cursor.execute(WAITS, {"lanes": list(lanes), "vital_lanes": vital})
        return {lane: (depth, since) for lane, depth, since in cursor.fetchall()}


def _services() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(SERVICES, {"silent": SILENT_SECONDS})
        rows: Sequence[tuple[str, str]] = cursor.fetchall()
    words = {sort: str(service) for sort, service in KNOWN_SERVICES.items()}
    found = {lane: words.get(sort, sort) for lane, sort in rows}
    return {lane: service for lane, service in found.items() if service in words.values()}


def _has_broker(*, now: datetime) -> bool:
    """Say whether the broker answered the newest sweep; where nobody sweeps, nothing is known against it."""
    newest = Sweep.objects.filter(at__gte=now - SWEPT).first()
    return newest is None or bool(newest.doorbells)


def _seen() -> dict[str, list[float]]:
    """Return what took how long up to now, of the spans that may be behind an incident."""
    seen: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in Tally.objects.filter(measure__in=told_of_incidents()):
        what = "/".join([row.measure, *json.loads(row.labels)])
        seen[what][row.bucket == SUM] += row.value
    return {what: [times, round(seconds, 3)] for what, (times, seconds) in seen.items()}
