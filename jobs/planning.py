"""Planning a job into parts, a thousand at a time, so that workers begin before the plan is done."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import transaction
from django.db.models import F, Sum

from jobs import adding
from jobs.claiming import Claim
from jobs.leases import PartTaken
from jobs.models import Job, Part, PartState, Step
from jobs.verbs import PartPlan

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
            adding.add(job, batch)


def settle_total(job: Job) -> None:
    """Set the job's units to those that were planned, now that all are."""
    parts = job.parts.filter(step=Step.WORK, is_revived=False).exclude(state=PartState.RETIRED)
    planned = parts.aggregate(units=Sum("units"))
    job.units_total = max(planned["units"] or 0, job.units_done + job.units_failed)
    job.save(update_fields=["units_total"])


def _batches(plans: Iterator[PartPlan]) -> Iterator[list[PartPlan]]:
    while batch := list(islice(plans, BATCH_PARTS)):
        yield batch
