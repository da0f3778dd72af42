"""Giving a part back that is not done: it waits in line again, for its time, or for an outside service.

Each is one transaction under the fence, with the job's row locked first, as in `jobs.ending`.
"""

from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from jobs import drawing, settling
from jobs.claiming import Claim
from jobs.measures import PARTS_ENDED
from jobs.models import AttemptOutcome, Job, JobState, Part, PartState
from jobs.progress import Progress
from jobs.registry import goes_on
from jobs.settings import switchyard


def try_again(
    held: Claim,
    *,
    seconds: float,
    error: str,
    delay_seconds: float,
    outcome: AttemptOutcome = AttemptOutcome.TRIED_AGAIN,
    known: str = "",
) -> bool:
    """Offer the part again after `delay_seconds` and return whether we still held it.

    What is `known` beyond the sentence is kept with the attempt.
    """
    now = timezone.now()
    ready_at = now + timedelta(seconds=delay_seconds)
    return _offer_again(
        held,
        seconds=seconds,
        ready_at=ready_at,
        now=now,
        outcome=outcome,
        counts_as="tried_again",
        known=known,
        error=error,
    )


def hand_back(held: Claim, *, seconds: float, progress: Progress) -> bool:
    """Offer the part again at once, as if this attempt had not been: it is to go on elsewhere."""
    outcome = AttemptOutcome.HANDED_BACK
    return _offer_at_once(
        held, seconds=seconds, counts_as="handed_back", outcome=outcome, left=_left(held, progress)
    )


def end_turn(held: Claim, *, seconds: float, progress: Progress) -> bool:
    """Offer the part again at once: it took far longer than foreseen, and goes on when it is its turn."""
    return _offer_at_once(held, seconds=seconds, counts_as="turn_over", left=_left(held, progress))


def leave(held: Claim, *, seconds: float) -> bool:
    """Let go of a part whose job was stopped, without waiting for its lease; no worker was lost with it."""
    return _offer_at_once(held, seconds=seconds, counts_as="stopped")


def wait_for_service(held: Claim, *, seconds: float, error: str, service: str, until: datetime) -> bool:
    """Let the part wait for an outside service whose breaker is open; no attempt was made and none counts."""
    return _offer_again(
        held,
        seconds=seconds,
        ready_at=until,
        now=timezone.now(),
        outcome=None,
        counts_as="waits_for_service",
        error=error,
        attempt=F("attempt") - 1,
        waits_for=service,
    )


def put_off(held: Claim, *, seconds: float, why: str, until: datetime) -> bool:
    """Let the part wait until then, as its kind wants; no attempt was made and none counts."""
    return _offer_again(
        held,
        seconds=seconds,
        ready_at=until,
        now=timezone.now(),
        outcome=None,
        counts_as="put_off",
        error=why,
        attempt=F("attempt") - 1,
        is_put_off=True,
    )


def _left(held: Claim, progress: Progress) -> Part | None:
    """Return the part with what it has done by now, if it goes on there; None if it begins anew."""
    if not goes_on(held.part.job.kind):
        return None
    left = copy(held.part)
    if progress.done is not None:
        left.units_done, left.units_failed = progress.final(units=left.units)
    return left


def _offer_at_once(
    held: Claim,
    *,
    seconds: float,
    counts_as: str,
    outcome: AttemptOutcome | None = None,
    left: Part | None = None,
) -> bool:
    """Offer the part again now; this attempt at it does not count as one."""
    now = timezone.now()
    figures: dict[str, Any] = (
        {"units_done": left.units_done, "units_failed": left.units_failed} if left else {}
    )
    return _offer_again(
        held,
        seconds=seconds,
        ready_at=now,
        now=now,
        outcome=outcome,
        counts_as=counts_as,
        left=left,
        attempt=F("attempt") - 1,
        **figures,
    )


def _offer_again(
    held: Claim,
    *,
    seconds: float,
    ready_at: datetime,
    now: datetime,
    outcome: AttemptOutcome | None,
    counts_as: str,
    known: str = "",
    left: Part | None = None,
    **changes: object,
) -> bool:
    """Offer the part again at `ready_at`, with other `changes`, and write down the attempt's `outcome`.

    Its limits get back what is `left` of it.
    """
    with transaction.atomic():
        job = settling.lock_job(held.part)
        won = put_back(
            settling.under_fence(held),
            job=job,
            ready_at=ready_at,
            now=now,
            seconds=F("seconds") + seconds,
            **changes,
        )
        if won:
            settling.settle_share(held, seconds=seconds, left=left)
        if won and outcome is not None:
            error = known or str(changes.get("error", ""))
            settling.note_attempt(held.part, outcome=outcome, error=error, now=now)
        if won and left is not None:
            _give_back(left, now=now)
    if won:
        PARTS_ENDED.add(held.part.lane, job.kind, counts_as)
    return won


def _give_back(left: Part, *, now: datetime) -> None:
    settings = switchyard()
    lane = settings.lanes.get(left.lane)
    if lane is not None:
        drawing.give_back(left, lane=lane, services=settings.services, now=now)


def put_back(
    parts: QuerySet[Part],
    *,
    job: Job,
    ready_at: datetime,
    now: datetime,
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
            **{"waits_for": "", "is_put_off": False, **changes},
        )
    )
