"""Ending a part: one transaction, guarded by the fence, that also moves its job on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.utils import timezone

from jobs import publishing
from jobs.claiming import Claim
from jobs.models import Job, JobState, Part, PartState, Share, Step
from jobs.progress import Progress
from jobs.registry import PartPlan, kind_named

log = structlog.get_logger()

Plans = Sequence[PartPlan] | None


def complete(held: Claim, *, seconds: float, plans: Plans, progress: Progress) -> bool:
    """End the part as done and return whether we still held it; `plans` are the parts that it planned."""
    done, failed = progress.final(units=held.part.units)
    with transaction.atomic():
        if not _end_part(held, state=PartState.DONE, seconds=seconds, done=done, failed=failed):
            return False
        job = _count_in_job(held, done=done, failed=failed)
        if plans is not None:
            _add_parts(job, plans)
        _move_on(job, ended=held.part)
        _settle_share(held, seconds=seconds)
    log.info(
        "part_done", job=job.pk, kind=job.kind, lane=job.lane, step=held.part.step, seconds=round(seconds, 3)
    )
    return True


def fail(held: Claim, *, seconds: float, error: str, progress: Progress) -> bool:
    """End the part as failed for good, with a sentence, and return whether we still held it."""
    units = held.part.units
    done = min(progress.done or 0, units)
    failed = units - done
    with transaction.atomic():
        if not _end_part(
            held, state=PartState.FAILED, seconds=seconds, done=done, failed=failed, error=error
        ):
            return False
        job = _count_in_job(held, done=done, failed=failed)
        if held.part.step == Step.WORK:
            _move_on(job, ended=held.part)
        else:
            job.end(state=JobState.FAILED, now=timezone.now(), error=error)
        _settle_share(held, seconds=seconds)
    log.warning("part_failed", job=job.pk, kind=job.kind, lane=job.lane, step=held.part.step)
    return True


def try_again(held: Claim, *, seconds: float, error: str, delay_seconds: float) -> bool:
    """Offer the part again after `delay_seconds` and return whether we still held it."""
    with transaction.atomic():
        won = _held(held).update(
            state=PartState.WAITING,
            leased_until=None,
            ready_at=timezone.now() + timedelta(seconds=delay_seconds),
            seconds=F("seconds") + seconds,
            error=error,
        )
        if won:
            _settle_share(held, seconds=seconds)
    return bool(won)


def _held(held: Claim) -> QuerySet[Part]:
    return Part.objects.filter(pk=held.part.pk, fence=held.fence, state=PartState.WORKING)


def _end_part(
    held: Claim, *, state: PartState, seconds: float, done: int, failed: int, error: str = ""
) -> bool:
    return bool(
        _held(held).update(
            state=state,
            leased_until=None,
            ended_at=timezone.now(),
            units_done=done,
            units_failed=failed,
            seconds=F("seconds") + seconds,
            error=error,
        )
    )


def _settle_share(held: Claim, *, seconds: float) -> None:
    """Replace the seconds that were charged at the claim by those that were used."""
    Share.objects.filter(lane=held.part.lane, school_id=held.part.school_id).update(
        used_seconds=F("used_seconds") + Value(seconds - held.charged_seconds) / held.part.job.school.weight
    )


def _count_in_job(held: Claim, *, done: int, failed: int) -> Job:
    """Count the part's units in its job and lock the job's row: parts of one job end one after the other."""
    job = Job.objects.select_for_update().get(pk=held.part.job_id)
    job.units_done += done
    job.units_failed += failed
    job.parts_open -= 1
    job.units_total = max(job.units_total, job.units_done + job.units_failed)
    job.save(update_fields=["units_done", "units_failed", "parts_open", "units_total"])
    return job


def _add_parts(job: Job, plans: Sequence[PartPlan]) -> None:
    now = timezone.now()
    Part.objects.bulk_create(
        [
            _part(job, now=now, step=Step.WORK, units=plan.units, arguments=dict(plan.arguments))
            for plan in plans
        ],
        batch_size=1000,
    )
    job.units_total = sum(plan.units for plan in plans)
    job.parts_open += len(plans)
    job.save(update_fields=["units_total", "parts_open"])
    _ring(job, times=len(plans))


def _part(
    job: Job, *, now: datetime, step: Step, units: int = 0, arguments: dict[str, object] | None = None
) -> Part:
    return Part(
        job=job,
        school_id=job.school_id,
        lane=job.lane,
        step=step,
        units=units,
        arguments=arguments or {},
        ready_at=now,
    )


def _move_on(job: Job, *, ended: Part) -> None:
    """When the last open part has ended: bring the finish, or end the job."""
    if job.parts_open > 0:
        return
    work = job.parts.filter(step=Step.WORK)
    failed = work.filter(state=PartState.FAILED).order_by("id").first()
    is_hopeless = failed is not None and not work.filter(state=PartState.DONE).exists()
    if kind_named(job.kind).has_finish and ended.step != Step.FINISH and not is_hopeless:
        _part(job, now=timezone.now(), step=Step.FINISH).save()
        job.parts_open = 1
        job.save(update_fields=["parts_open"])
        _ring(job, times=1)
        return
    state, error = _outcome(job, failed=failed)
    if job.end(state=state, now=timezone.now(), error=error):
        log.info("job_ended", job=job.pk, kind=job.kind, lane=job.lane, state=str(state))


def _outcome(job: Job, *, failed: Part | None) -> tuple[JobState, str]:
    """Return the state that the ended parts add up to, with a sentence when the job needs attention."""
    if failed is None and job.units_failed == 0:
        return JobState.DONE, ""
    if job.units_done:
        return JobState.PROBLEMS, ""
    unit = kind_named(job.kind).unit
    return (
        JobState.FAILED,
        failed.error if failed else f"None of the {job.units_failed} {unit} could be done.",
    )


def _ring(job: Job, *, times: int) -> None:
    transaction.on_commit(partial(publishing.ring, lane=job.lane, kind=job.kind, times=times))
