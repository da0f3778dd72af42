"""Planning a job into parts, a thousand at a time, so that workers begin before the plan is done."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from jobs import publishing
from jobs.claiming import Claim
from jobs.leases import PartTaken
from jobs.models import Job, JobState, Part, PartState, Step
from jobs.registry import PartPlan

BATCH_PARTS = 1000


def plan(held: Claim, plans: Iterable[PartPlan]) -> None:
    """Write the parts that `plans` asks for, each batch in a transaction of its own under the fence.

    The plan part counts the parts it has written, so that a plan that is begun again goes on where
    the last one was lost: a kind's plan yields the same parts in the same order each time.

    Raises:
        PartTaken: the plan part is no longer ours, or its job was stopped.
    """
    written = Part.objects.values_list("planned", flat=True).get(pk=held.part.pk)
    for batch in _batches(islice(plans, written, None)):
        with transaction.atomic():
            job = Job.objects.select_for_update().get(pk=held.part.job_id)
            ours = Part.objects.filter(pk=held.part.pk, fence=held.fence, state=PartState.WORKING)
            if job.has_ended or not ours.update(planned=F("planned") + len(batch)):
                message = f"The plan of job {job.pk} is no longer ours."
                raise PartTaken(message)
            _add(job, batch)


def add_finish(job: Job) -> None:
    """Add the part that finishes `job`, whose row the caller has locked."""
    Part.objects.create(**_fields(job), step=Step.FINISH)
    job.parts_open = 1
    job.save(update_fields=["parts_open"])
    _ring(job, times=1)


def settle_total(job: Job) -> None:
    """Set the job's units to those that were planned, now that all are."""
    planned = job.parts.filter(step=Step.WORK).aggregate(units=Sum("units"))
    job.units_total = max(planned["units"] or 0, job.units_done + job.units_failed)
    job.save(update_fields=["units_total"])


def _add(job: Job, batch: list[PartPlan]) -> None:
    parts = [Part(**_fields(job), units=plan.units, arguments=dict(plan.arguments)) for plan in batch]
    Part.objects.bulk_create(parts)
    job.parts_open += len(parts)
    job.save(update_fields=["parts_open"])
    _ring(job, times=len(parts))


def _fields(job: Job) -> dict[str, object]:
    """Return what each part of `job` has from it; the parts of a paused job are held back."""
    is_paused = job.state == JobState.PAUSED
    return {
        "job": job,
        "school_id": job.school_id,
        "lane": job.lane,
        "priority": job.priority,
        "ready_at": timezone.now(),
        "state": PartState.HELD if is_paused else PartState.WAITING,
    }


def _batches(plans: Iterator[PartPlan]) -> Iterator[list[PartPlan]]:
    while batch := list(islice(plans, BATCH_PARTS)):
        yield batch


def _ring(job: Job, *, times: int) -> None:
    publishing.ring_on_commit(lane=job.lane, kind=job.kind, times=times)
