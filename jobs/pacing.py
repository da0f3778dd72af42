"""Watching how fast jobs get on: who is far slower than usual moves aside, who is normal again moves back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from jobs import appraising, moving, slowness
from jobs.appraising import known_cost
from jobs.models import Cost, Detour, Job, Pace
from jobs.registry import UnknownKind, kind_named
from jobs.settings import switchyard
from jobs.slowness import Seen

WINDOW = timedelta(seconds=20)
"""Only what ended in it counts, beside what is at work: a job that turns slow shall be seen at once."""
MOST_PARTS = 500
"""The newest parts of a lane that count."""
MOST_JOBS = 200
"""Jobs that one look judges."""
KNOWN_UNITS, KNOWN_SECONDS = 20, 5.0
"""What was known of a job's pace weighs as much as so many new units, or so many expected seconds of them."""

# A part at work counts by its age against the units that it has reported, and the one that it is at; one
# that reports nothing against all of its units. Where parts are claimed together they wait for each other
# in the worker, so that their age says nothing.
SEEN = """
WITH seen AS (
    SELECT part.job_id, part.seconds + extract(epoch FROM %(now)s - part.claimed_at) AS seconds,
        CASE WHEN part.units_done + part.units_failed = 0 THEN part.units
            ELSE least(part.units, part.units_done + part.units_failed + 1) END AS units
    FROM jobs_part part
    WHERE part.state = 'working' AND part.step = 'work' AND part.lane = ANY(%(one_by_one)s::text[])
    UNION ALL
    SELECT part.job_id, part.seconds, part.units
    FROM unnest(%(lanes)s::text[]) AS lane(name)
    CROSS JOIN LATERAL (
        SELECT * FROM jobs_part
        WHERE lane = lane.name AND state = 'done' AND ended_at > %(since)s
        ORDER BY ended_at DESC LIMIT %(most)s
    ) part
    WHERE part.step = 'work' AND part.attempt <= 1
), by_job AS (
    SELECT job_id, count(*) AS parts, sum(units)::float AS units, sum(seconds)::float AS seconds
    FROM seen WHERE units > 0 GROUP BY job_id
)
SELECT job.id, by_job.parts, by_job.units, by_job.seconds,
    job.megabytes * by_job.units / greatest(job.units_total, by_job.units),
    EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.job_id = job.id AND part.state IN ('waiting', 'delayed')
    )
FROM by_job JOIN jobs_job job ON job.id = by_job.job_id
WHERE job.ended_at IS NULL
ORDER BY by_job.seconds DESC LIMIT %(jobs)s
"""


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One job as this look sees it."""

    job: Job
    cost: Cost
    seen: Seen
    has_more: bool
    """Whether parts of it wait: only they can go elsewhere."""


def watch(*, now: datetime) -> int:
    """Note the pace of the jobs at work, move those that are slow or normal again; return how many moved."""
    looks = _look(now=now)
    if not looks:
        return 0
    _note_paces(looks, now=now)
    detours = Detour.objects.in_bulk([look.job.pk for look in looks])
    return sum(_judge(look, detours.get(look.job.pk), now=now) for look in looks)


def _look(*, now: datetime) -> list[_Look]:
    lanes = switchyard().lanes
    values: dict[str, Any] = {
        "lanes": list(lanes),
        "one_by_one": [name for name, lane in lanes.items() if lane.claim_parts == 1],
        "now": now,
        "since": now - WINDOW,
        "most": MOST_PARTS,
        "jobs": MOST_JOBS,
    }
    with connection.cursor() as cursor:
        cursor.execute(SEEN, values)
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    jobs = Job.objects.in_bulk(list(rows))
    known = appraising.costs_of(job.kind for job in jobs.values())
    looks = []
    for pk, (parts, units, seconds, megabytes, has_more) in rows.items():
        job = jobs.get(pk)
        cost = known.get(job.kind) if job else None
        if job and cost:
            expected = known_cost(cost).seconds(units=units, megabytes=megabytes)
            seen = Seen(parts=parts, units=units, seconds=seconds, expected_seconds=expected)
            looks.append(_Look(job=job, cost=cost, seen=seen, has_more=has_more))
    return looks


def _note_paces(looks: list[_Look], *, now: datetime) -> None:
    before = dict(Pace.objects.filter(job__in=[look.job.pk for look in looks]).values_list("job_id", "times"))
    paces = []
    for look in looks:
        known = before.get(look.job.pk, look.cost.lately)
        seen = look.seen
        weight = min(KNOWN_SECONDS, KNOWN_UNITS * seen.expected_seconds / seen.units)
        times = (seen.seconds + weight * known) / (seen.expected_seconds + weight)
        paces.append(Pace(job=look.job, times=times, seen_at=now))
    with transaction.atomic():
        Pace.objects.bulk_create(
            paces, update_conflicts=True, unique_fields=["job"], update_fields=["times", "seen_at"]
        )


def _judge(look: _Look, detour: Detour | None, *, now: datetime) -> bool:
    """Move the job if it must move, and say whether it did."""
    limits = switchyard().slowness
    if look.cost.units < limits.units or look.seen.seconds < limits.seconds or not look.has_more:
        return False
    if detour is not None and detour.is_aside:
        return _bring_back(look, detour, slow_times=limits.times, now=now)
    lane = switchyard().lanes.get(look.job.lane)
    if look.seen.times < limits.times or lane is None or lane.slow_companion is None:
        return False
    to = lane.slow_companion
    why = slowness.why_aside(look.seen, unit=_unit(look.job), home=look.job.lane, lane=to)
    return moving.move_aside(look.job, to=to, why=why, now=now)


def _bring_back(look: _Look, detour: Detour, *, slow_times: float, now: datetime) -> bool:
    aside_for = now - detour.moved_at
    if not slowness.is_normal_again(
        look.seen, slow_times=slow_times, aside_for=aside_for, moves=detour.moves
    ):
        return False
    try:
        moving.move_back(look.job, by=None, why=slowness.why_back(look.seen, home=detour.home), now=now)
    except moving.CannotMove:
        return False
    return True


def _unit(job: Job) -> str:
    try:
        return kind_named(job.kind).unit
    except UnknownKind:
        return "units"
