"""Planned maintenances: they begin and end by themselves at the times that a person told."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from jobs.models import Incident, IncidentStatus
from jobs.status.telling import tell

BEGINS = _("The planned maintenance begins now.")
ENDS = _("The planned maintenance is over.")


def move_on(*, now: datetime) -> int:
    """Begin and end the maintenances whose time has come; return how many changed."""
    changed = 0
    for incident in Incident.objects.filter(
        status=IncidentStatus.SCHEDULED, started_at__lte=now, ended_at=None
    ):
        changed += _move(incident, to=IncidentStatus.IN_PROGRESS, says=str(BEGINS), now=now)
    for incident in Incident.objects.filter(status=IncidentStatus.IN_PROGRESS, until__lte=now, ended_at=None):
        changed += _move(incident, to=IncidentStatus.COMPLETED, says=str(ENDS), now=now)
    return changed


def _move(incident: Incident, *, to: IncidentStatus, says: str, now: datetime) -> bool:
    ended_at = now if to == IncidentStatus.COMPLETED else None
    here = Incident.objects.filter(pk=incident.pk, status=incident.status)
    if not here.update(status=to, ended_at=ended_at):
        return False
    incident.status = to
    tell(incident, body=says, now=now)
    return True
