"""Ending a part, done or failed for good: one transaction, guarded by the fence, that also moves its job on.

The job's row is locked first, so that parts of one job end one after the other, and a pause or a
stop comes either before or after. Whoever holds a job's row never waits for a part at work.
"""

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jobs import advancing, planning, settling
from jobs.claiming import Claim
from jobs.measures import PARTS_ENDED
from jobs.models import AttemptOutcome, PartState, Step
from jobs.progress import Progress

log = structlog.get_logger()


def complete(held: Claim, *, seconds: float, progress: Progress) -> bool:
    """End the part as done and return whether we still held it."""
    done, failed = progress.final(units=held.part.units)
    with transaction.atomic():
        job = settling.lock_job(held.part)
        if not _end_part(held, state=PartState.DONE, seconds=seconds, done=done, failed=failed):
            return False
        advancing.count(job, done=done, failed=failed)
        if held.part.step == Step.PLAN:
            planning.settle_total(job)
        advancing.move_on(job, ended=held.part)
        settling.settle_share(held, seconds=seconds)
    PARTS_ENDED.add(held.part.lane, job.kind, "done")
    log.info(
        "part_done", job=job.pk, kind=job.kind, lane=job.lane, step=held.part.step, seconds=round(seconds, 3)
    )
    return True


def fail(
    held: Claim,
    *,
    seconds: float,
    error: str,
    progress: Progress,
    outcome: AttemptOutcome = AttemptOutcome.FAILED,
    known: str = "",
) -> bool:
    """End the part as failed for good, with a sentence, and return whether we still held it.

    What is `known` beyond the sentence is kept with the attempt.
    """
    units = held.part.units
    done = min(progress.done or 0, units)
    with transaction.atomic():
        job = settling.lock_job(held.part)
        if not _end_part(
            held, state=PartState.FAILED, seconds=seconds, done=done, failed=units - done, error=error
        ):
            return False
        settling.note_attempt(held.part, outcome=outcome, error=known or error, now=timezone.now())
        advancing.fail(job, part=held.part, done=done, error=error)
        settling.settle_share(held, seconds=seconds)
    PARTS_ENDED.add(held.part.lane, job.kind, "failed")
    log.warning("part_failed", job=job.pk, kind=job.kind, lane=job.lane, step=held.part.step)
    return True


def _end_part(
    held: Claim, *, state: PartState, seconds: float, done: int, failed: int, error: str = ""
) -> bool:
    return bool(
        settling.under_fence(held).update(
            state=state,
            leased_until=None,
            ended_at=timezone.now(),
            units_done=done,
            units_failed=failed,
            seconds=F("seconds") + seconds,
            error=error,
        )
    )
