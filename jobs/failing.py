"""What follows when a verb failed: tried again by the kind's policy, or failed for good with a sentence."""

import random
from collections.abc import Sequence

import structlog
from django.utils import timezone

from jobs import breakers, crashes, ending, returning
from jobs.breakers import ServiceClosed, Visit
from jobs.claiming import Claim
from jobs.leases import OverTime
from jobs.models import AttemptOutcome
from jobs.progress import Progress
from jobs.registry import Kind
from jobs.retries import NotNow, PermanentFailure, TemporaryFailure

log = structlog.get_logger()

UNEXPECTED = "Something went wrong on our side; the people who run the platform can see the details."
OVER_TIME = "It took longer than the {limit:g} seconds that a part may take, and was ended."
HUNG = "A call to it did not end within {limit:g} seconds."


def end(
    held: Claim,
    *,
    kind: Kind,
    error: Exception,
    seconds: float,
    progress: Progress,
    visits: Sequence[Visit] = (),
) -> None:
    """End the part that raised `error` while `visits` were under way, as its kind's policy says."""
    if isinstance(error, ServiceClosed):
        _wait_for_service(held, closed=error, seconds=seconds)
        return
    if isinstance(error, NotNow):
        log.info("part_put_off", job=held.part.job_id, part=held.part.pk, until=error.until.isoformat())
        returning.put_off(held, seconds=seconds, why=str(error), until=error.until)
        return
    if isinstance(error, OverTime):
        breakers.blame(visits, words=HUNG.format(limit=kind.time_limit_seconds), now=timezone.now())
    outcome, sentence, known = _told_apart(held, kind=kind, error=error)
    if isinstance(error, PermanentFailure) or not kind.retry.allows_another(attempt=held.part.attempt):
        ending.fail(held, seconds=seconds, error=sentence, progress=progress, outcome=outcome, known=known)
        return
    delay = kind.retry.delay_seconds(attempt=held.part.attempt, chance=random.SystemRandom())
    if outcome is AttemptOutcome.FAILED:
        outcome = AttemptOutcome.TRIED_AGAIN
    returning.try_again(
        held, seconds=seconds, error=sentence, delay_seconds=delay, outcome=outcome, known=known
    )


def _wait_for_service(held: Claim, *, closed: ServiceClosed, seconds: float) -> None:
    log.info("part_waits_for_service", job=held.part.job_id, part=held.part.pk, service=closed.service)
    returning.wait_for_service(
        held, seconds=seconds, error=str(closed), service=closed.service, until=closed.retry_at
    )


def _told_apart(held: Claim, *, kind: Kind, error: Exception) -> tuple[AttemptOutcome, str, str]:
    """Return how the attempt ended, the sentence for the person, and what is known beyond it."""
    if isinstance(error, PermanentFailure | TemporaryFailure):
        return AttemptOutcome.FAILED, str(error), ""
    if isinstance(error, OverTime):
        log.warning("part_over_time", job=held.part.job_id, part=held.part.pk, kind=kind.name)
        return AttemptOutcome.OVER_TIME, OVER_TIME.format(limit=kind.time_limit_seconds), ""
    log.error("part_crashed", job=held.part.job_id, part=held.part.pk, kind=kind.name, exc_info=error)
    return AttemptOutcome.FAILED, UNEXPECTED, crashes.told(error)
