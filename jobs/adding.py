"""Adding parts to a job, whose row the caller has locked."""

from collections.abc import Sequence

from django.utils import timezone

from jobs import publishing
from jobs.models import Job, JobState, Part, PartState, Step
from jobs.registry import kind_named
from jobs.verbs import PartPlan


def add(job: Job, plans: Sequence[PartPlan], *, is_revived: bool = False) -> None:
    """Add the parts that `plans` ask for; `is_revived` when other parts were planned for their units."""
    fields = {**_fields(job), "is_revived": is_revived}
    service = kind_named(job.kind).service
    parts = [
        Part(**fields, units=plan.units, bytes=plan.bytes, service=service, arguments=dict(plan.arguments))
        for plan in plans
    ]
    Part.objects.bulk_create(parts)
    job.parts_open += len(parts)
    job.save(update_fields=["parts_open"])
    publishing.ring_on_commit(lane=job.lane, kind=job.kind, parts=len(parts))


def add_finish(job: Job) -> None:
    """Add the part that finishes `job`."""
    Part.objects.create(**_fields(job), step=Step.FINISH)
    job.parts_open = 1
    job.save(update_fields=["parts_open"])
    publishing.ring_on_commit(lane=job.lane, kind=job.kind, parts=1)


def _fields(job: Job) -> dict[str, object]:
    """Return what each part of `job` has from it; the parts of a paused job are held back."""
    is_paused = job.state == JobState.PAUSED
    return {
        "job": job,
        "school_id": job.school_id,
        "lane": job.lane,
        "kind": job.kind,
        "priority": job.priority,
        "ready_at": timezone.now(),
        "state": PartState.HELD if is_paused else PartState.WAITING,
    }
