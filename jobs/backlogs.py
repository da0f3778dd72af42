"""What waits in lanes, in seconds of work: by school, and where single jobs stand in their school's line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from jobs import costs
from jobs.fluid import Load
from jobs.held import JOB_IS_HELD
from jobs.lately import Lately
from jobs.models import Job
from jobs.outside import JOB_IS_UNTOLD, SILENT_ON
from jobs.postgres import prepared
from jobs.registry import kinds
from jobs.settings import switchyard
from jobs.vital import vital_lanes

# What a unit costs beside what was learned, where it is heavier than any that is known: see `jobs.costs`.
ASSUMED = """greatest(0, %(assumed_megabyte_seconds)s::float - megabyte_seconds)
    * greatest(0, megabytes / units_total
        - known_megabytes * (1 + %(differs)s::float) - %(differs_megabytes)s::float)"""

# What a job has left is what its kind costs, at the pace that it shows itself, or its kind lately. A job of
# which nothing is known counts by its parts. Jobs that are paused, held, scheduled or put off and those that
# follow others take no place in line until they may go on.
OPEN = """
WITH lane AS (
    SELECT * FROM unnest(%(lanes)s::text[], %(part_seconds)s::float[]) AS row(name, part_seconds)
), at_work AS (
    SELECT job_id, lane, sum(units_done + units_failed) AS units, count(*) AS parts
    FROM jobs_part WHERE state = 'working' GROUP BY job_id, lane
), busy AS (
    SELECT job_id, sum(units) AS units FROM at_work GROUP BY job_id
), following AS (
    SELECT DISTINCT follows.from_job_id AS job_id FROM jobs_job_after follows
    JOIN jobs_job before ON before.id = follows.to_job_id WHERE before.ended_at IS NULL
        AND EXISTS (SELECT 1 FROM jobs_job job WHERE job.id = follows.from_job_id AND job.started_at IS NULL)
), scheduled AS (
    SELECT job_id, bool_or(is_put_off) AS is_put_off FROM jobs_part WHERE state = 'delayed' GROUP BY job_id
), known AS MATERIALIZED (
    SELECT job.id, job.lane, job.school_id, job.priority, lane.part_seconds, job.started_at,
        job.kind = ANY(%(planned)s::text[]) AND job.started_at IS NULL AS is_unplanned,
        job.parts_open, job.megabytes, job.units_total,
        greatest(0, job.units_total - job.units_done - job.units_failed - coalesce(busy.units, 0))::float
            AS units,
        cost.unit_seconds, cost.megabyte_seconds, cost.known_megabytes,
        coalesce(pace.times, cost.lately) AS times,
        job.state = 'paused' OR following.job_id IS NOT NULL
            OR (job.started_at IS NULL AND scheduled.job_id IS NOT NULL)
            OR coalesce(scheduled.is_put_off, false) OR JOB_IS_HELD AS is_kept_back
    FROM jobs_job job JOIN lane ON lane.name = job.lane
    LEFT JOIN jobs_cost cost ON cost.kind = job.kind
    LEFT JOIN jobs_pace pace ON pace.job_id = job.id
    LEFT JOIN busy ON busy.job_id = job.id
    LEFT JOIN following ON following.job_id = job.id
    LEFT JOIN scheduled ON scheduled.job_id = job.id
    WHERE job.ended_at IS NULL AND CONCERNED
), sized AS (
    SELECT *, megabytes * units / greatest(1, units_total) AS megabytes_left,
        CASE WHEN units_total > 0 THEN times * units * (
            unit_seconds + megabyte_seconds * megabytes / units_total + ASSUMED) END AS seconds_known
    FROM known
), load AS MATERIALIZED (
    SELECT id, lane, school_id, priority, is_kept_back, units, megabytes_left AS megabytes,
        seconds_known IS NOT NULL AS is_known, started_at IS NOT NULL AS has_begun,
        coalesce(seconds_known, parts_open * part_seconds) AS seconds,
        CASE WHEN is_unplanned AND seconds_known > 0 THEN greatest(1, seconds_known / part_seconds)
            ELSE greatest(1, parts_open) END AS parts
    FROM sized
)
""".replace("JOB_IS_HELD", JOB_IS_HELD).replace("ASSUMED", ASSUMED)

# The jobs that are asked for, and what their schools have in line before them.
JOBS_LEFT = """
OPEN, ahead AS (
    SELECT load.*,
        coalesce(sum(seconds) FILTER (WHERE NOT is_kept_back) OVER line, 0) AS seconds_ahead,
        coalesce(sum(units) FILTER (WHERE NOT is_kept_back) OVER line, 0) AS units_ahead,
        coalesce(sum(megabytes) FILTER (WHERE NOT is_kept_back) OVER line, 0) AS megabytes_ahead,
        coalesce(sum(parts) FILTER (WHERE NOT is_kept_back) OVER line, 0) AS parts_ahead
    FROM load
    WINDOW line AS (
        PARTITION BY lane, school_id ORDER BY priority DESC, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT id, lane, school_id, is_known, has_begun, is_kept_back,
    (SELECT JOB_IS_UNTOLD FROM jobs_job job WHERE job.id = ahead.id) AS waits_outside,
    seconds, units, megabytes, parts, seconds_ahead, units_ahead, megabytes_ahead, parts_ahead
FROM ahead WHERE id = ANY(%(jobs)s::bigint[])
""".replace("OPEN", OPEN.replace("CONCERNED", "job.school_id = ANY(%(schools)s::bigint[])"))
JOBS_LEFT = JOBS_LEFT.replace("JOB_IS_UNTOLD", JOB_IS_UNTOLD)

SCHOOLS_LEFT = """
OPEN SELECT load.lane, load.school_id, max(school.weight)::float AS weight,
    coalesce(max(share.used_seconds), 0) AS used_seconds,
    (SELECT coalesce(sum(parts), 0) FROM at_work WHERE lane = load.lane) AS parts_at_work,
    (SELECT SILENT_ON FROM jobs_part WHERE lane = load.lane AND state = 'working') AS hangs_on,
    sum(load.seconds) AS seconds, sum(load.units) AS units, sum(load.megabytes) AS megabytes,
    sum(load.parts) AS parts
FROM load
JOIN jobs_school school ON school.id = load.school_id
LEFT JOIN jobs_share share ON share.lane = load.lane AND share.school_id = load.school_id
WHERE NOT is_kept_back GROUP BY load.lane, load.school_id
""".replace("OPEN", OPEN.replace("CONCERNED", "true")).replace("SILENT_ON", SILENT_ON)


@dataclass(frozen=True, kw_only=True)
class JobLeft:
    """What is left of one job, and what its school has in line before it."""

    job: int
    lane: str
    school: int
    is_known: bool
    """Whether it is known what it costs."""
    has_begun: bool
    is_kept_back: bool
    """Whether it takes no place in line for now: paused, held, put off, scheduled or following another."""
    load: Load
    ahead: Load
    waits_outside: bool = False
    """Whether it waits for an outside service of which nobody knows when it answers."""


@dataclass(frozen=True, kw_only=True)
class SchoolLeft:
    """What a school has in a lane."""

    lane: str
    school: int
    load: Load
    weight: float
    used_seconds: float
    """Of the lane, by weight."""
    parts_at_work: int
    """In the whole lane."""
    hangs_on: str = ""
    """The outside service whose answer all of these wait for, as pages call it."""


@dataclass(frozen=True, kw_only=True)
class Backlogs:
    """What waits in some lanes."""

    jobs: Sequence[JobLeft]
    """The jobs that were asked for."""
    schools: Sequence[SchoolLeft]


def backlogs(*, lanes: Collection[str], jobs: Collection[Job]) -> Backlogs:
    """Return what waits in `lanes`, and where `jobs` stand in them: a query for these and one for each lane.

    What schools have in a lane may be a second old: all pages tell times from it.
    """
    known = [name for name in lanes if name in switchyard().lanes]
    return Backlogs(
        jobs=[_job(row) for row in _rows(JOBS_LEFT, lanes=known, jobs=jobs)] if jobs else [],
        schools=[school for name in known for school in _schools.get(name)],
    )


def _read_schools(lane: str) -> list[SchoolLeft]:
    return [_school(row) for row in _rows(SCHOOLS_LEFT, lanes=[lane])]


_schools = Lately(_read_schools)


def _rows(statement: str, *, lanes: Collection[str], jobs: Collection[Job] = ()) -> list[Any]:
    settings = switchyard()
    values: dict[str, Any] = {
        "lanes": list(lanes),
        "part_seconds": [settings.lanes[name].part_seconds for name in lanes],
        "planned": [kind.name for kind in kinds() if kind.has_plan],
        "jobs": [job.pk for job in jobs],
        "schools": list({job.school_id for job in jobs}),
        "vital_lanes": vital_lanes(settings),
        "assumed_megabyte_seconds": settings.slowness.unknown_megabyte_seconds,
        "differs": costs.SIZE_DIFFERS,
        "differs_megabytes": costs.SIZE_DIFFERS_MEGABYTES,
    }
    return [tuple(row.values()) for row in prepared.read(statement, values)]


def _load(seconds: float, units: float, megabytes: float, parts: float) -> Load:
    return Load(seconds=float(seconds), units=float(units), megabytes=float(megabytes), parts=float(parts))


def _job(row: tuple[int, str, int, bool, bool, bool, bool, *tuple[float, ...]]) -> JobLeft:
    job, lane, school, is_known, has_begun, is_kept_back, waits_outside, *figures = row
    return JobLeft(
        job=job,
        lane=lane,
        school=school,
        is_known=is_known,
        has_begun=has_begun,
        is_kept_back=is_kept_back,
        load=_load(*figures[:4]),
        ahead=_load(*figures[4:]),
        waits_outside=waits_outside,
    )


def _school(row: tuple[str, int, float, float, int, str, *tuple[float, ...]]) -> SchoolLeft:
    lane, school, weight, used_seconds, at_work, hangs_on, *figures = row
    return SchoolLeft(
        lane=lane,
        school=school,
        load=_load(*figures),
        weight=weight,
        used_seconds=used_seconds,
        parts_at_work=int(at_work),
        hangs_on=hangs_on,
    )
