"""Doing again what did not get done of an ended job; the caller has locked its row and opened it again."""

from datetime import datetime

from django.db.models import F, QuerySet, Sum

from jobs import adding, publishing, shares
from jobs.models import Job, Part, PartState, Step
from jobs.registry import UnknownKind, kind_named

BATCH_ROWS = 1000
RETRIED = (PartState.FAILED, PartState.STOPPED)
NEW = {
    "leased_until": None,
    "waits_for": "",
    "is_put_off": False,
    "attempt": 0,
    "deaths": 0,
    "units_done": 0,
    "units_failed": 0,
    "ended_at": None,
    "error": "",
}
"""What a part begins with again."""


def can_be_retried(job: Job) -> bool:
    """Say whether a retry could do something: parts failed or were stopped, or its kind can revive more."""
    if not job.has_ended or is_beyond_retry(job):
        return False
    return job.parts.filter(state__in=RETRIED).exists() or kind_named(job.kind).can_revive(job)


def is_beyond_retry(job: Job) -> bool:
    """Say whether a retry of an ended job could change nothing, as far as its kind knows."""
    try:
        return kind_named(job.kind).is_beyond_retry(job)
    except UnknownKind:
        return True


def offer_again(job: Job, *, now: datetime) -> int:
    """Offer the parts that a retry of `job` does, and return how many."""
    shares.join(lane=job.lane, school_id=job.school_id)
    if kind_named(job.kind).starts_over:
        return _start_over(job, now=now)
    revived = _revive(job)
    parts = job.parts.filter(state__in=RETRIED)
    if revived or parts.exclude(step=Step.FINISH).exists():
        # What it was to finish is not what it will be: the end of the last part brings another finish.
        parts.filter(step=Step.FINISH).update(state=PartState.RETIRED)
    return revived + _offer(job, parts.all(), now=now)


def _start_over(job: Job, *, now: datetime) -> int:
    """Retire all parts but the plan's, which is offered again; whoever is at work loses its part."""
    kind_named(job.kind).revive(job)
    job.parts.exclude(state=PartState.RETIRED).exclude(step=Step.PLAN).update(
        state=PartState.RETIRED, leased_until=None, fence=F("fence") + 1, ended_at=now
    )
    Job.objects.filter(pk=job.pk).update(units_done=0, units_failed=0, parts_open=0)
    plan = job.parts.filter(step=Step.PLAN)
    plan.update(planned=0, fence=F("fence") + 1)
    return _offer(job, plan, now=now)


def _revive(job: Job) -> int:
    """Add parts for the units that failed within parts that were done, and count those as failed no more."""
    plans = list(kind_named(job.kind).revive(job))
    job.refresh_from_db()
    job.units_failed = max(0, job.units_failed - sum(plan.units for plan in plans))
    job.save(update_fields=["units_failed"])
    adding.add(job, plans, is_revived=True)
    return len(plans)


def _offer(job: Job, parts: QuerySet[Part], *, now: datetime) -> int:
    """Offer `parts` as if they were new; they are held back while a job that is followed is open again.

    A job that was stopped before its time to start has still to wait for it.
    """
    follows = job.must_wait
    # What a part had done when it was stopped was never counted.
    counted = parts.filter(state=PartState.FAILED).aggregate(
        done=Sum("units_done"), failed=Sum("units_failed")
    )
    is_early = job.started_at is None and job.not_before_at is not None and job.not_before_at > now
    state = PartState.DELAYED if is_early else PartState.WAITING
    ready_at = job.not_before_at if is_early else now
    done_before = kind_named(job.kind).done_before(job, list(parts))
    fresh = {**NEW, "lane": job.lane, "kind": job.kind, "ready_at": ready_at}
    count = parts.update(state=PartState.HELD if follows else state, **fresh)
    told = [Part(pk=pk, units_done=done) for pk, done in done_before.items()]
    Part.objects.bulk_update(told, ["units_done"], batch_size=BATCH_ROWS)
    Job.objects.filter(pk=job.pk).update(
        units_done=F("units_done") - (counted["done"] or 0),
        units_failed=F("units_failed") - (counted["failed"] or 0),
        parts_open=F("parts_open") + count,
    )
    publishing.ring_on_commit(lane=job.lane, kind=job.kind, parts=0 if follows or is_early else count)
    return count
