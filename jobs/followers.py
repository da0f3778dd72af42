"""The jobs that follow others: what becomes of them with the jobs that they follow."""

from django.db import connection

from jobs.models import BAD_ENDS, Job

ENDED_WITH = "It was to follow “{job}”, which ended as: {state}."
"""Why a job failed that another one took along. A retry finds them by its beginning: when that changes, those
that failed before must still be found.
"""
# From each follower on to those that follow it, as long as they meet the condition; all in the order in
# which they were asked for, so that each comes after what it follows.
BEHIND = """
WITH RECURSIVE behind AS (
    SELECT job.id FROM jobs_job_after follows JOIN jobs_job job ON job.id = follows.from_job_id
    WHERE follows.to_job_id = %(job)s AND job.started_at IS NULL AND CONDITION
    UNION
    SELECT job.id FROM behind JOIN jobs_job_after follows ON follows.to_job_id = behind.id
        JOIN jobs_job job ON job.id = follows.from_job_id
    WHERE job.started_at IS NULL AND CONDITION
)
SELECT id FROM behind ORDER BY id
"""
ARE_OPEN = BEHIND.replace("CONDITION", "job.ended_at IS NULL")
FAILED_WITH = BEHIND.replace("CONDITION", "job.state = 'failed' AND starts_with(job.error, %(error)s)")


def that_would_end_with(job: Job) -> list[int]:
    """Return the ids of the jobs that fail when `job` ends badly: its followers, theirs, and so on."""
    return _behind(job, ARE_OPEN)


def that_failed_with(job: Job) -> list[int]:
    """Return the ids of the jobs that failed because `job` ended badly, each after what it follows."""
    return _behind(job, FAILED_WITH)


def ended_badly_before(job: Job) -> Job | None:
    """Return a job that `job` follows and that did not end well, so that `job` cannot start.

    None when there is no such job, and for a job that has started: it waits for none any more.
    """
    if job.started_at is not None:
        return None
    found: Job | None = job.after.filter(state__in=BAD_ENDS).order_by("pk").first()
    return found


def _behind(job: Job, sql: str) -> list[int]:
    beginning, _, _ = ENDED_WITH.partition("{")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"job": job.pk, "error": beginning})
        return [row[0] for row in cursor.fetchall()]
