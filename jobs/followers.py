"""The jobs that follow others: what becomes of them with the jobs that they follow."""

from jobs.models import BAD_ENDS, Job


def ended_badly_before(job: Job) -> Job | None:
    """Return a job that `job` follows and that did not end well, so that `job` cannot start.

    None when there is no such job, and for a job that has started: it waits for none any more.
    """
    if job.started_at is not None:
        return None
    found: Job | None = job.after.filter(state__in=BAD_ENDS).order_by("pk").first()
    return found
