"""Counting what jobs have done and what is at work of them, with their state, all at one moment."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.models import BAD_ENDS, IDLE_STATES, Job, JobState, PartState
from jobs.postgres import prepared
from jobs.registry import UnknownKind, kind_named, kinds
from jobs.units import Units

UNCOUNTED = (*IDLE_STATES, PartState.WORKING, PartState.STOPPED)
"""Parts whose units are not in the job's own figures: those are counted when a part is done or fails."""
READ_AGAIN = ("state", "error", "started_at", "ended_at", "units_total", "units_done", "units_failed")


# Jobs and their parts in one statement: what moves from one to the other is seen once.
COUNTED = """
SELECT job.id AS pk, READ_AGAIN, parts.*
FROM jobs_job job
CROSS JOIN LATERAL (
    SELECT coalesce(sum(units_done), 0) AS done,
        coalesce(sum(units_failed), 0) AS failed,
        count(*) FILTER (WHERE state = 'working') AS working,
        count(*) FILTER (WHERE state = 'working' AND step = 'plan') AS planning,
        count(*) FILTER (WHERE state = 'working' AND step = 'finish') AS finishing,
        count(*) FILTER (WHERE state = 'waiting') AS waiting,
        coalesce(sum(units - units_done - units_failed) FILTER (WHERE state = 'working'), 0) AS at_work,
        max(leased_until) AS held_until
    FROM jobs_part WHERE job_id = job.id AND state = ANY(%(uncounted)s)
) parts
WHERE job.id = ANY(%(jobs)s::bigint[])
""".replace("READ_AGAIN", ", ".join(f"job.{name}" for name in READ_AGAIN))


@dataclass(frozen=True, kw_only=True)
class Count:
    """What one job has done, and what is at work of it."""

    units: Units
    parts_working: int
    planning: int
    """Of these, parts that plan."""
    finishing: int
    """Of these, parts that finish the job."""
    parts_waiting: int
    """Claimable ones."""
    units_at_work: int
    """Units of the parts at work that have not ended."""
    is_at_rest: bool
    """Whether the job has ended and nothing of it is at work."""
    held_until: datetime | None
    """When the last lease of the parts at work ends; nothing extends those of a job that has ended."""


def count(jobs: Sequence[Job], *, exactly: bool = False) -> dict[int, Count]:
    """Count each of `jobs`, by id, and bring it up to date, so that its state fits its figures.

    With their parts' reports, which are a second old at most while a part is at work. Kinds that keep
    a count of their own are asked where reports cannot tell, and `exactly` for all of `jobs`.
    """
    rows = {row["pk"]: row for row in _rows(jobs)}
    there = [job for job in jobs if job.pk in rows]
    for job in there:
        _bring_up_to_date(job, rows[job.pk])
    units = {job.pk: _reported(job, rows[job.pk]) for job in there}
    skipping = {kind.name for kind in kinds() if kind.skips}
    asked = [job for job in there if exactly or _is_unclear(job, units[job.pk], skipping=skipping)]
    at_work = {job.pk for job in asked if rows[job.pk]["working"]}
    units.update(_counted_by_kinds({job: units[job.pk] for job in asked}, at_work=at_work))
    return {job.pk: _count(job, rows[job.pk], units=units[job.pk]) for job in there}


def attach_units(jobs: Sequence[Job]) -> None:
    """Give each of `jobs` its `units`, for a list; a query or two for all of them."""
    counts = count(jobs)
    for job in jobs:
        job.units = counts[job.pk].units if job.pk in counts else Units()


def _rows(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    values = {"jobs": [job.pk for job in jobs], "uncounted": list(UNCOUNTED)}
    return prepared.read(COUNTED, values) if jobs else []


def _is_unclear(job: Job, reported: Units, *, skipping: Container[str]) -> bool:
    """Say whether parts alone cannot tell what became of the units."""
    may_skip = (reported.done > 0 or job.has_ended) and job.kind in skipping
    return job.state in BAD_ENDS or reported.failed > 0 or may_skip


def _bring_up_to_date(job: Job, row: dict[str, Any]) -> None:
    for name in READ_AGAIN:
        setattr(job, name, row[name])
    if row["working"] and job.state == JobState.WAITING:
        job.state = JobState.WORKING  # its start is noted a moment after its first part is claimed


def _reported(job: Job, row: dict[str, Any]) -> Units:
    done, failed = job.units_done + row["done"], job.units_failed + row["failed"]
    return Units(total=max(job.units_total, done + failed), done=done, failed=failed)


def _counted_by_kinds(reported: Mapping[Job, Units], *, at_work: Container[int]) -> dict[int, Units]:
    by_kind: defaultdict[str, dict[Job, Units]] = defaultdict(dict)
    for job, units in reported.items():
        by_kind[job.kind][job] = units
    counted: dict[int, Units] = {}
    for name, of_kind in by_kind.items():
        try:
            counted.update(kind_named(name).counted(of_kind, at_work=at_work))
        except UnknownKind:
            continue  # its app is gone; the job's row stays
    return counted


def _count(job: Job, row: dict[str, Any], *, units: Units) -> Count:
    return Count(
        units=units,
        parts_working=row["working"],
        planning=row["planning"],
        finishing=row["finishing"],
        parts_waiting=row["waiting"],
        units_at_work=max(0, row["at_work"]),
        is_at_rest=job.has_ended and not row["working"],
        held_until=row["held_until"],
    )
