"""What follows when a verb failed: tried again by the kind's policy, or failed for good with a sentence."""

import math
import random
from collections.abc import Sequence

import structlog
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs import breakers, crashes, ending, returning
from jobs.breakers import ServiceClosed, Visit
from jobs.ceilings import TooMuchMemory
from jobs.claiming import Claim
from jobs.insisting import broke_off
from jobs.leases import OverTime
from jobs.models import AttemptOutcome
from jobs.progress import Progress
from jobs.registry import Kind
from jobs.retries import NotNow, PermanentFailure, TemporaryFailure

log = structlog.get_logger()

UNEXPECTED = _("Something went wrong on our side; the people who run the platform can see the details.")
OVER_TIME = _("It took longer than the {limit:g} seconds that a part may take, and was ended.")
HUNG = _("A call to an outside service did not end within {limit:g} seconds.")


def log_once(held: Claim, *, kind: Kind, error: Exception) -> None:
    """Say in the log what the part raised; `end` says nothing, as it may have to be called again.

    A database that is away is no crash of each part that meets it: a line, without a traceback.
    """
    part = {"job": held.part.job_id, "part": held.part.pk}
    match error:
        case ServiceClosed():
            log.info("part_waits_for_service", **part, service=error.service)
        case NotNow():
            log.info("part_put_off", **part, until=error.until.isoformat())
        case OverTime():
            log.warning("part_over_time", **part, kind=kind.name)
        case PermanentFailure() | TemporaryFailure():
            pass  # what the person is told says all of it
        case _ if broke_off(error):
            log.warning("part_met_no_database", **part, kind=kind.name, error=crashes.told(error))
        case _:
            log.error("part_crashed", **part, kind=kind.name, exc_info=error)


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
        returning.put_off(held, seconds=seconds, why=str(error), until=error.until)
        return
    if isinstance(error, OverTime):
        breakers.blame(visits, words=HUNG.format(limit=kind.time_limit_seconds), now=timezone.now())
    outcome, sentence, known = _told_apart(kind=kind, error=error)
    if isinstance(error, PermanentFailure) or not _is_tried_again(held, kind=kind, error=error):
        ending.fail(held, seconds=seconds, error=sentence, progress=progress, outcome=outcome, known=known)
        return
    delay = kind.retry.delay_seconds(attempt=held.part.attempt, chance=random.SystemRandom())
    if outcome is AttemptOutcome.FAILED:
        outcome = AttemptOutcome.TRIED_AGAIN
    returning.try_again(
        held, seconds=seconds, error=sentence, delay_seconds=delay, outcome=outcome, known=known
    )


def _is_tried_again(held: Claim, *, kind: Kind, error: Exception) -> bool:
    may_last = isinstance(error, TemporaryFailure) and error.may_last
    age_seconds = (timezone.now() - held.part.job.created_at).total_seconds() if may_last else math.inf
    return kind.retry.allows_another(attempt=held.part.attempt, age_seconds=age_seconds)


def _wait_for_service(held: Claim, *, closed: ServiceClosed, seconds: float) -> None:
    returning.wait_for_service(
        held, seconds=seconds, error=str(closed), service=closed.service, until=closed.retry_at
    )


def _told_apart(*, kind: Kind, error: Exception) -> tuple[AttemptOutcome, str, str]:
    """Return how the attempt ended, the sentence for the person, and what is known beyond it."""
    if isinstance(error, TooMuchMemory):
        return AttemptOutcome.OVER_MEMORY, str(error), ""
    if isinstance(error, PermanentFailure | TemporaryFailure):
        return AttemptOutcome.FAILED, str(error), ""
    if isinstance(error, OverTime):
        return AttemptOutcome.OVER_TIME, OVER_TIME.format(limit=kind.time_limit_seconds), ""
    return AttemptOutcome.FAILED, str(UNEXPECTED), crashes.told(error)
