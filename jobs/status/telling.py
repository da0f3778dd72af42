"""Writing an update of an incident: what is told now, and by whom."""

from datetime import datetime

from jobs.models import Incident, IncidentUpdate, Person


def tell(incident: Incident, *, body: str, now: datetime, by: Person | None = None) -> IncidentUpdate:
    """Write an update of `incident` as it stands."""
    Incident.objects.filter(pk=incident.pk).update(updated_at=now)
    return IncidentUpdate.objects.create(incident=incident, status=incident.status, body=body, at=now, by=by)
