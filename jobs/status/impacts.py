"""What an incident did to jobs, in figures: how many of which kind waited how long, and what took longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jobs.canaries import KIND
from jobs.settings import switchyard

BEFORE = timedelta(days=7)
"""What is usual is what was in the week before."""
MOST = 20_000
"""Of what is usual the newest so many jobs or parts are read."""
LEAST_TIMES = 1.5
"""What took less than so many times the usual did not contribute."""

WAITED = """
WITH promised AS (
    SELECT * FROM unnest(%(lanes)s::text[], %(promises)s::float[]) AS given(lane, promise)
), open_or_late AS (
    SELECT * FROM jobs_job WHERE ended_at >= %(since)s AND lane = ANY(%(lanes)s)
    UNION ALL SELECT * FROM jobs_job WHERE ended_at IS NULL AND lane = ANY(%(lanes)s)
), concerned AS (
    SELECT kind, school_id, promise, greatest(0, extract(epoch FROM
        least(coalesce(started_at, %(until)s), %(until)s)
        - greatest(created_at, coalesce(not_before_at, created_at))))::float AS waited
    FROM open_or_late JOIN promised USING (lane)
    WHERE kind <> %(canary)s AND created_at <= %(until)s AND (started_at IS NULL OR started_at >= %(since)s)
), usual AS (
    SELECT kind, percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS waited FROM (
        SELECT kind, greatest(0, extract(epoch FROM started_at - greatest(created_at,
            coalesce(not_before_at, created_at))))::float AS waited
        FROM jobs_job WHERE ended_at >= %(before)s AND ended_at < %(since)s AND started_at IS NOT NULL
            AND lane = ANY(%(lanes)s) ORDER BY ended_at DESC LIMIT %(most)s
    ) lately GROUP BY kind
)
SELECT concerned.kind, count(*), count(DISTINCT school_id),
    count(*) FILTER (WHERE concerned.waited > promise),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY concerned.waited), max(concerned.waited), min(usual.waited)
FROM concerned LEFT JOIN usual USING (kind) GROUP BY concerned.kind ORDER BY 4 DESC, 2 DESC
"""

TOOK = """
WITH done AS (
    SELECT job.kind, CASE
        WHEN job.megabytes = 0 OR job.units_total = 0 THEN 0
        WHEN job.megabytes / job.units_total <= 1 THEN 1
        WHEN job.megabytes / job.units_total <= 5 THEN 2 ELSE 3 END AS weight,
        part.seconds, part.units, part.ended_at >= %(since)s AS is_within
    FROM unnest(%(lanes)s::text[]) AS lane(name)
    CROSS JOIN LATERAL (
        (SELECT * FROM jobs_part WHERE lane = lane.name AND state = 'done' AND step = 'work'
            AND ended_at BETWEEN %(since)s AND %(until)s ORDER BY ended_at DESC LIMIT %(most)s)
        UNION ALL
        (SELECT * FROM jobs_part WHERE lane = lane.name AND state = 'done' AND step = 'work'
            AND ended_at >= %(before)s AND ended_at < %(since)s ORDER BY ended_at DESC LIMIT %(most)s)
    ) part JOIN jobs_job job ON job.id = part.job_id
    WHERE part.units > 0 AND job.kind <> %(canary)s
)
SELECT kind, weight, sum(units) FILTER (WHERE is_within),
    sum(seconds) FILTER (WHERE is_within) / sum(units) FILTER (WHERE is_within),
    sum(seconds) FILTER (WHERE NOT is_within) / sum(units) FILTER (WHERE NOT is_within)
FROM done GROUP BY kind, weight HAVING sum(units) FILTER (WHERE is_within) > 0
ORDER BY sum(seconds) FILTER (WHERE is_within) DESC
"""
WEIGHTS = (_("no attachments"), _("up to 1 MB each"), _("up to 5 MB each"), _("more than 5 MB each"))


@dataclass(frozen=True, kw_only=True)
class Waited:
    """How the jobs of one kind waited while the incident lasted."""

    kind: str
    jobs: int
    schools: int
    late: int
    """Those that waited longer than promised."""
    median_seconds: float
    longest_seconds: float
    usual_seconds: float | None
    """The median of the week before; None where there was no such job."""


@dataclass(frozen=True, kw_only=True)
class Took:
    """What a unit of one kind and weight took while the incident lasted."""

    kind: str
    weight: str
    """How heavy a unit was, in words."""
    units: int
    unit_seconds: float
    usual_seconds: float | None

    @property
    def times(self) -> float | None:
        """How many times the usual that is."""
        return self.unit_seconds / self.usual_seconds if self.usual_seconds else None

    @property
    def contributed(self) -> bool:
        """Whether that is far from the usual, or was never seen before."""
        return self.times is None or self.times >= LEAST_TIMES


def waited(lanes: Sequence[str], *, since: datetime, until: datetime) -> list[Waited]:
    """Return how jobs in `lanes` waited from `since` to `until`, the most concerned kind first."""
    return [
        Waited(
            kind=kind,
            jobs=jobs,
            schools=schools,
            late=late,
            median_seconds=median,
            longest_seconds=longest,
            usual_seconds=usual,
        )
        for kind, jobs, schools, late, median, longest, usual in _read(
            WAITED, lanes, since=since, until=until
        )
    ]


def took(lanes: Sequence[str], *, since: datetime, until: datetime) -> list[Took]:
    """Return what a unit took in `lanes` from `since` to `until`, what took most time in all first."""
    return [
        Took(kind=kind, weight=str(WEIGHTS[weight]), units=units, unit_seconds=seconds, usual_seconds=usual)
        for kind, weight, units, seconds, usual in _read(TOOK, lanes, since=since, until=until)
    ]


def _read(statement: str, lanes: Sequence[str], *, since: datetime, until: datetime) -> list[Any]:
    known = [lane for lane in lanes if lane in switchyard().lanes]
    values: dict[str, Any] = {
        "lanes": known,
        "promises": [switchyard().lanes[lane].promise_seconds for lane in known],
        "canary": KIND,
        "since": since,
        "until": until,
        "before": since - BEFORE,
        "most": MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows
