"""What every way to end a claim does: lock the job, look at the fence, settle the share, note the attempt."""

from datetime import datetime

from django.db.models import F, QuerySet, Value

from jobs import charging
from jobs.claiming import Claim
from jobs.models import Attempt, AttemptOutcome, Job, Part, PartState, Share


def lock_job(part: Part) -> Job:
    """Lock the job of `part` and return it as it is now; whoever does so never waits for a part at work."""
    return Job.objects.select_for_update().get(pk=part.job_id)


def under_fence(held: Claim) -> QuerySet[Part]:
    """Return the part if it is still ours."""
    return Part.objects.filter(pk=held.part.pk, fence=held.fence, state=PartState.WORKING)


def settle_share(held: Claim, *, seconds: float, left: Part | None = None) -> None:
    """Replace the seconds that were charged at the claim by what the part counts that took so many.

    What is `left` of it draws on its limits anew, and counts then.
    """
    (counts,) = charging.account([held.part], seconds=[seconds], left=left)
    Share.objects.filter(lane=held.part.lane, school_id=held.part.school_id).update(
        used_seconds=F("used_seconds") + Value(counts - held.charged_seconds) / held.part.job.school.weight
    )


def note_attempt(part: Part, *, outcome: AttemptOutcome, error: str, now: datetime) -> None:
    """Write down how the attempt at `part` ended that did not get it done."""
    Attempt.objects.create(
        part=part,
        number=part.attempt,
        worker=part.worker,
        claimed_at=part.claimed_at or now,
        ended_at=now,
        outcome=outcome,
        error=error,
    )
