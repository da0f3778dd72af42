"""Moving a job on when one of its parts has ended; the caller has locked the job's row."""

from django.utils.translation import gettext as _

from jobs import adding, lifecycle
from jobs.models import Job, JobState, Part, PartState, Step
from jobs.registry import kind_named
from jobs.units import Units


def count(job: Job, *, done: int, failed: int) -> None:
    """Count the units of a part that has ended."""
    job.units_done += done
    job.units_failed += failed
    job.parts_open -= 1
    job.units_total = max(job.units_total, job.units_done + job.units_failed)
    job.save(update_fields=["units_done", "units_failed", "parts_open", "units_total"])


def fail(job: Job, *, part: Part, done: int, error: str) -> None:
    """Count a part that failed for good; without its plan or its finish a job cannot go on."""
    count(job, done=done, failed=part.units - done)
    if part.step == Step.WORK:
        move_on(job, ended=part)
    elif not job.has_ended:
        lifecycle.end(job, state=JobState.FAILED, error=error)


def move_on(job: Job, *, ended: Part) -> None:
    """When the last open part has ended: bring the finish, or end the job."""
    if job.parts_open > 0 or job.has_ended:
        return
    work = job.parts.filter(step=Step.WORK)
    failed = work.filter(state=PartState.FAILED).order_by("id").first()
    is_hopeless = failed is not None and not work.filter(state=PartState.DONE).exists()
    if kind_named(job.kind).has_finish and ended.step != Step.FINISH and not is_hopeless:
        adding.add_finish(job)
        return
    state, error = _outcome(job, failed=failed)
    lifecycle.end(job, state=state, error=error)


def _outcome(job: Job, *, failed: Part | None) -> tuple[JobState, str]:
    """Return the state that the ended parts add up to, with a sentence when the job needs attention."""
    if failed is None and job.units_failed == 0:
        return JobState.DONE, ""
    if job.units_done or (failed is None and _may_be_done(job)):
        return JobState.PROBLEMS, ""
    unit = kind_named(job.kind).unit
    return (
        JobState.FAILED,
        failed.error
        if failed
        else _("None of the {units_failed} {unit} could be done.").format(
            units_failed=job.units_failed, unit=unit
        ),
    )


def _may_be_done(job: Job) -> bool:
    """Say whether nobody knows of some of the failed units whether they were done."""
    reported = Units(total=job.units_total, done=job.units_done, failed=job.units_failed)
    counted = kind_named(job.kind).counted({job: reported}, at_work=()).get(job.pk, reported)
    return counted.uncertain > 0
