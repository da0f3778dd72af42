"""Which waiting parts of a lane could be claimed now: what no hold, no limit and no cap keeps back."""

from datetime import datetime
from typing import Any

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
    if lane.service_workers is not None:
        full = _at_cap(lane.name, of="service", most=lane.service_workers)
        parts = parts.exclude(service__in=[service for service in full if service])
    if lane.school_workers is not None:
        parts = parts.exclude(school_id__in=_at_cap(lane.name, of="school_id", most=lane.school_workers))
    return parts


def _at_cap(lane: str, *, of: str, most: int) -> list[Any]:
    """Return the schools' ids, or the services, that have `most` parts of `lane` at work, or more."""
    busy = Part.objects.filter(lane=lane, state=PartState.WORKING).order_by()
    full = busy.values(of).annotate(parts=Count("id")).filter(parts__gte=most)
    return list(full.values_list(of, flat=True))
