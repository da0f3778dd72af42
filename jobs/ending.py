"""Ending a part: one transaction, guarded by the fence, that also moves its job on.

The job's row is locked first, so that parts of one job end one after the other, and a pause or a
stop comes either before or after. Whoever holds a job's row never waits for a part at work.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.utils import timezone

from jobs import advancing, planning
from jobs.claiming import Claim
from jobs.models import Attempt, AttemptOutcome, Job, JobState, Part, PartState, Share, Step
from jobs.progress import Progress

log = structlog.get_logger()

MOST_DEATHS = 3
POISON = "It ended {deaths} workers, the last of them {worker}, and was set aside."


def complete(held: Claim, *, seconds: float, progress: Progress) -> bool:
    """End the part as done and return whether we still held it."""
    done, failed = progress.final(units=held.part.units)
    with transaction.atomic():
        job = _lock_job(held.part)
        if not _end_part(held, state=PartState.DONE, seconds=seconds, done=done, failed=failed):
            return False
        advancing.count(job, done=done, failed=failed)
        if held.part.step == Step.PLAN:
            planning.settle_total(job)
        advancing.move_on(job, ended=held.part)
        _settle_share(held, seconds=seconds)
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
) -> bool:
    """End the part as failed for good, with a sentence, and return whether we still held it."""
    units = held.part.units
    done = min(progress.done or 0, units)
    with transaction.atomic():
        job = _lock_job(held.part)
        if not _end_part(
            held, state=PartState.FAILED, seconds=seconds, done=done, failed=units - done, error=error
        ):
            return False
        _note_attempt(held.part, outcome=outcome, error=error, now=timezone.now())
        advancing.fail(job, part=held.part, done=done, error=error)
        _settle_share(held, seconds=seconds)
    log.warning("part_failed", job=job.pk, kind=job.kind, lane=job.lane, step=held.part.step)
    return True


def try_again(
    held: Claim,
    *,
    seconds: float,
    error: str,
    delay_seconds: float,
    outcome: AttemptOutcome = AttemptOutcome.TRIED_AGAIN,
) -> bool:
    """Offer the part again after `delay_seconds` and return whether we still held it."""
    now = timezone.now()
    ready_at = now + timedelta(seconds=delay_seconds)
    return _offer_again(held, seconds=seconds, ready_at=ready_at, now=now, outcome=outcome, error=error)


def hand_back(held: Claim, *, seconds: float) -> bool:
    """Offer the part again at once, as if this attempt had not been: it is to go on elsewhere."""
    now = timezone.now()
    handed_back = AttemptOutcome.HANDED_BACK
    return _offer_again(
        held, seconds=seconds, ready_at=now, now=now, outcome=handed_back, attempt=F("attempt") - 1
    )


def leave(held: Claim, *, seconds: float) -> bool:
    """Let go of a part whose job was stopped, without waiting for its lease; no worker was lost with it."""
    now = timezone.now()
    return _offer_again(held, seconds=seconds, ready_at=now, now=now, outcome=None, attempt=F("attempt") - 1)


def wait_for_service(held: Claim, *, seconds: float, error: str, service: str, until: datetime) -> bool:
    """Let the part wait for an outside service whose breaker is open; no attempt was made and none counts."""
    return _offer_again(
        held,
        seconds=seconds,
        ready_at=until,
        now=timezone.now(),
        outcome=None,
        error=error,
        attempt=F("attempt") - 1,
        waits_for=service,
    )


def take_back(part: Part, *, now: datetime) -> bool:
    """Offer a part again whose worker was asked to end and did not hand it back in time. Say if we won.

    That was no death: a part that takes long is not to blame for how often its workers are replaced.
    """
    with transaction.atomic():
        job = _lock_job(part)
        left = Part.objects.filter(pk=part.pk, fence=part.fence, state=PartState.WORKING)
        won = _put_back(left, job=job, ready_at=now, now=now, fence=F("fence") + 1, attempt=F("attempt") - 1)
        if won:
            _note_attempt(part, outcome=AttemptOutcome.HANDED_BACK, error="", now=now)
    return won


def lose(part: Part, *, now: datetime) -> bool:
    """Offer a part again whose worker was lost; set it aside as poison after the third. Say if we won."""
    deaths = part.deaths + 1
    with transaction.atomic():
        job = _lock_job(part)
        lost = Part.objects.filter(pk=part.pk, fence=part.fence, state=PartState.WORKING)
        error = POISON.format(deaths=deaths, worker=part.worker)
        if deaths < MOST_DEATHS or job.has_ended:
            won = _put_back(lost, job=job, ready_at=now, now=now, deaths=deaths, fence=F("fence") + 1)
        else:
            won = bool(
                lost.update(
                    state=PartState.FAILED,
                    leased_until=None,
                    ended_at=now,
                    deaths=deaths,
                    fence=F("fence") + 1,
                    units_failed=F("units") - F("units_done"),
                    error=error,
                )
            )
        if won:
            _note_attempt(part, outcome=AttemptOutcome.LOST, error="", now=now)
        if won and deaths >= MOST_DEATHS and not job.has_ended:
            advancing.fail(job, part=part, done=part.units_done, error=error)
    return won


def _lock_job(part: Part) -> Job:
    return Job.objects.select_for_update().get(pk=part.job_id)


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


def _offer_again(
    held: Claim,
    *,
    seconds: float,
    ready_at: datetime,
    now: datetime,
    outcome: AttemptOutcome | None,
    waits_for: str = "",
    **changes: object,
) -> bool:
    """Offer the part again at `ready_at`, with other `changes`, and write down the attempt's `outcome`."""
    with transaction.atomic():
        job = _lock_job(held.part)
        won = _put_back(
            _held(held),
            job=job,
            ready_at=ready_at,
            now=now,
            waits_for=waits_for,
            seconds=F("seconds") + seconds,
            **changes,
        )
        if won:
            _settle_share(held, seconds=seconds)
        if won and outcome is not None:
            _note_attempt(held.part, outcome=outcome, error=str(changes.get("error", "")), now=now)
    return won


def _put_back(
    parts: QuerySet[Part],
    *,
    job: Job,
    ready_at: datetime,
    now: datetime,
    waits_for: str = "",
    **changes: object,
) -> bool:
    """Let nobody hold the part any more; where it goes from here is its job's to say."""
    if job.has_ended:
        won = bool(parts.update(state=PartState.STOPPED, leased_until=None, ended_at=now, **changes))
        Job.objects.filter(pk=job.pk).update(parts_open=F("parts_open") - int(won))
        return won
    state = PartState.DELAYED if ready_at > now else PartState.WAITING
    if job.state == JobState.PAUSED:
        state = PartState.HELD
    return bool(
        parts.update(
            state=state,
            lane=job.lane,  # it may have moved meanwhile
            leased_until=None,
            ready_at=ready_at,
            waits_for=waits_for,
            **changes,
        )
    )


def _settle_share(held: Claim, *, seconds: float) -> None:
    """Replace the seconds that were charged at the claim by those that were used."""
    Share.objects.filter(lane=held.part.lane, school_id=held.part.school_id).update(
        used_seconds=F("used_seconds") + Value(seconds - held.charged_seconds) / held.part.job.school.weight
    )


def _note_attempt(part: Part, *, outcome: AttemptOutcome, error: str, now: datetime) -> None:
    Attempt.objects.create(
        part=part,
        number=part.attempt,
        worker=part.worker,
        claimed_at=part.claimed_at or now,
        ended_at=now,
        outcome=outcome,
        error=error,
    )
