"""What of incidents waits for ops: those that are open, and drafts of what happened that nobody published."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.concerns import Concern
from jobs.models import Incident, IncidentImpact, IncidentStatus, Person


def concerns_of(person: Person, *, limit: int = 10) -> list[Concern]:
    """Return what ops have to look at, newest first; nothing for others. Maintenances are no trouble."""
    if not person.sees_operations:
        return []
    drafted = Q(status=IncidentStatus.RESOLVED, postmortem__isnull=False, postmortem__published_at=None)
    waiting = Incident.objects.filter(Q(ended_at=None) | drafted)
    return [_concern(each) for each in waiting.exclude(impact=IncidentImpact.MAINTENANCE)[:limit]]


def _concern(incident: Incident) -> Concern:
    if incident.ended_at is None:
        page, says = "incidents:show", _("It is told of on the status page. Look at what is late, and why.")
    else:
        page, says = "incidents:postmortem", _("It is over. Read the draft of what happened, and publish it.")
    return Concern(
        title=incident.title,
        what=_("Incident: {impact}").format(impact=incident.get_impact_display()),
        says=says,
        address=reverse(page, args=[incident.code]),
        label=incident.get_status_display(),
        at=incident.started_at,
    )
