"""Which waiting parts of a lane could be claimed now: what no hold, no limit and no cap keeps back."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from jobs import drawing
from jobs.held import without_held
from jobs.lanes import Lane
from jobs.models import Hold, Part, PartState


def claimable(*, lane: Lane, now: datetime) -> QuerySet[Part]:
    """Return the parts of `lane` that a worker could claim at `now`, as the claim itself decides."""
    parts = Part.objects.filter(lane=lane.name, state=PartState.WAITING).order_by()
    parts = without_held(parts, holds=list(Hold.objects.all()), is_vital=lane.is_vital)
    for closed in drawing.closed(now=now).filter(
        Q(lane=lane.name) | Q(service__in=drawing.open_services(lane))
    ):
        if closed.service:
            parts = parts.exclude(service=closed.service)
        elif closed.school_id:
            parts = parts.exclude(school_id=closed.school_id)
        else:
            return parts.none()
    if lane.school_workers is None:
        return parts
    return parts.exclude(school_id__in=_at_cap(lane.name, most=lane.school_workers))


def _at_cap(lane: str, *, most: int) -> list[int]:
    """Return the ids of the schools that have `most` parts of `lane` at work, or more."""
    busy = Part.objects.filter(lane=lane, state=PartState.WORKING).order_by()
    full = busy.values("school_id").annotate(parts=Count("id")).filter(parts__gte=most)
    return list(full.values_list("school_id", flat=True))
