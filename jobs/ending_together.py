"""Ending many parts of tiny jobs in one transaction, where each is all that its job had left to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.utils import timezone

from jobs import charging, ending, notifying
from jobs.claiming import Claim
from jobs.measures import PARTS_ENDED
from jobs.models import JobEvent, JobState, Step
from jobs.progress import Progress
from jobs.registry import kind_named

log = structlog.get_logger()

# The same as `ending.complete` for a part that is the last open one of a job without a finish, without
# failed units, without followers, of nobody who is told and of a school without webhooks. The rows of the
# jobs are locked before it and in order, as there: a statement that waits for a lock does not see who became
# a follower meanwhile.
LOCK = "SELECT id FROM jobs_job WHERE id = ANY(%(jobs)s) ORDER BY id FOR UPDATE"
COMPLETE = """
WITH given AS (
    SELECT * FROM unnest(%(parts)s::bigint[], %(fences)s::bigint[], %(seconds)s::float[], %(counts)s::float[])
        AS row(part, fence, seconds, counts)
), ready AS MATERIALIZED (
    SELECT job.id FROM jobs_job job
    WHERE job.id = ANY(%(jobs)s) AND job.state = 'working' AND job.parts_open = 1 AND job.units_failed = 0
        AND (job.submitted_by_id IS NULL OR job.program <> '' OR job.kind <> ALL(%(told)s))
        AND NOT EXISTS (SELECT 1 FROM jobs_job_after follows WHERE follows.to_job_id = job.id)
        AND NOT EXISTS (
            SELECT 1 FROM jobs_webhookendpoint hook WHERE hook.school_id = job.school_id AND hook.is_enabled)
), done AS (
    UPDATE jobs_part part
    SET state = 'done', leased_until = NULL, ended_at = %(now)s, units_done = part.units, units_failed = 0,
        seconds = part.seconds + given.seconds, error = ''
    FROM given, ready
    WHERE part.id = given.part AND part.fence = given.fence AND part.state = 'working'
        AND part.job_id = ready.id
    RETURNING part.id, part.job_id, part.units, given.counts, part.lane, part.school_id
), counted AS (
    UPDATE jobs_job job
    SET state = 'done', ended_at = %(now)s, error = '', parts_open = 0,
        units_done = job.units_done + done.units,
        units_total = greatest(job.units_total, job.units_done + done.units)
    FROM done WHERE job.id = done.job_id
), settled AS (
    UPDATE jobs_share share
    SET used_seconds = share.used_seconds + (used.seconds - used.parts * %(charge)s) / school.weight
    FROM (
        SELECT lane, school_id, sum(counts) AS seconds, count(*) AS parts FROM done GROUP BY lane, school_id
    ) used, jobs_school school
    WHERE share.lane = used.lane AND share.school_id = used.school_id AND school.id = used.school_id
)
SELECT id, job_id FROM done
"""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A part whose verb has returned."""

    held: Claim
    seconds: float
    progress: Progress


def complete_many(finished: Sequence[Finished]) -> None:
    """End parts as done: together where that is all, one by one where more follows from a part's end."""
    plain = [each for each in finished if len(finished) > 1 and _is_plain(each)]
    ended = _complete_together(plain) if plain else set()
    for each in finished:
        if each.held.part.pk not in ended:
            ending.complete(each.held, seconds=each.seconds, progress=each.progress)


def _is_plain(each: Finished) -> bool:
    part = each.held.part
    done, _ = each.progress.final(units=part.units)
    return part.step == Step.WORK and done == part.units and not kind_named(part.job.kind).has_finish


def _complete_together(plain: Sequence[Finished]) -> set[int]:
    now = timezone.now()
    jobs = [each.held.part.job_id for each in plain]
    seconds = [each.seconds for each in plain]
    values: dict[str, list[int] | list[float] | list[str] | float | datetime] = {
        "parts": [each.held.part.pk for each in plain],
        "fences": [each.held.fence for each in plain],
        "seconds": seconds,
        "counts": charging.account([each.held.part for each in plain], seconds=seconds),
        "jobs": jobs,
        "told": notifying.told_kinds(),
        "charge": plain[0].held.charged_seconds,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, {"jobs": jobs})
        cursor.execute(COMPLETE, values)
        rows = cursor.fetchall()
        JobEvent.objects.bulk_create(
            [JobEvent(job_id=job_id, at=now, what=str(JobState.DONE)) for _, job_id in rows]
        )
    ended = {part_id for part_id, _ in rows}
    for each in plain:
        if each.held.part.pk in ended:
            PARTS_ENDED.add(each.held.part.lane, each.held.part.job.kind, "done")
    log.info("parts_done_together", parts=len(rows), lane=plain[0].held.part.lane)
    return ended
