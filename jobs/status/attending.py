"""What waits for ops: lanes that are late, open incidents, drafts of what happened that nobody published."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.amounts import length
from jobs.concerns import Concern
from jobs.late import Late, late_lanes
from jobs.models import Incident, IncidentImpact, IncidentStatus, Person


def concerns_of(person: Person, *, now: datetime, limit: int = 10) -> list[Concern]:
    """Return what ops have to look at, late lanes first; nothing for others. Maintenances are no trouble."""
    if not person.sees_operations:
        return []
    return [*(_of_lane(late) for late in late_lanes(now=now)), *_of_incidents(limit=limit)]


def _of_lane(late: Late) -> Concern:
    says = _("Its promise is {promise}. Of what waits longest: {reason}").format(
        promise=length(late.promise), reason=late.job.reason
    )
    return Concern(
        title=late.job.lane,
        what=_("Lane"),
        says=says,
        address=reverse("jobs:ops"),
        label=_("Late"),
        at=late.late_since,
    )


def _of_incidents(*, limit: int) -> list[Concern]:
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
