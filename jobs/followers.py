"""The jobs that follow others: what becomes of them with the jobs that they follow."""

import re

from django.db import connection
from django.utils.translation import gettext_lazy

from jobs.models import BAD_ENDS, Job

IN_ENGLISH = "It was to follow “{job}”, which ended as: {state}."
ENDED_WITH = gettext_lazy("It was to follow “{job}”, which ended as: {state}.")
"""Why a job failed that another one took along. A retry finds them by it, and by the English: when either
changes, those that failed before must still be found.
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
FAILED_WITH = BEHIND.replace("CONDITION", "job.state = 'failed' AND job.error LIKE ANY(%(errors)s)")


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
    errors = [_pattern(IN_ENGLISH), _pattern(str(ENDED_WITH))]
    with connection.cursor() as cursor:
        cursor.execute(sql, {"job": job.pk, "errors": errors})
        return [row[0] for row in cursor.fetchall()]


def _pattern(sentence: str) -> str:
    """Return what PostgreSQL's LIKE finds the sentence by, whatever stands in its places."""
    escaped = re.sub(r"([\\%_])", r"\\\1", sentence)
    return re.sub(r"{\w+}", "%", escaped)
