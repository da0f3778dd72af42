"""What people tell on the status page: incidents that they open, updates, maintenances that they plan."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Incident, IncidentImpact, IncidentStatus, Person
from jobs.models.status import OVER
from jobs.status import snapshots
from jobs.status.facts import lanes_of
from jobs.status.naming import require_nameless
from jobs.status.telling import tell

CALLED_OFF = gettext_lazy("The maintenance is called off.")


class CannotTell(Exception):
    """The update is not written; the message is a sentence for the person."""


@transaction.atomic
def open_by_hand(
    *,
    title: str,
    components: Sequence[str],
    impact: str,
    body: str,
    by: Person,
    now: datetime,
    meant_otherwise: Collection[str] = (),
) -> Incident:
    """Open an incident that the platform did not see; a person ends it too.

    Raises:
        NamesSomebody: it names a school or a person.
    """
    require_nameless(title, body, meant_otherwise=meant_otherwise)
    incident = Incident.objects.create(
        title=title,
        status=IncidentStatus.INVESTIGATING,
        impact=impact,
        components=list(components),
        lanes=lanes_of(components),
        started_at=now,
        opened_at=now,
        opened_by=by,
        updated_at=now,
    )
    tell(incident, body=body, now=now, by=by)
    snapshots.rewrite(now=now)
    return incident


@transaction.atomic
def plan(
    *,
    title: str,
    components: Sequence[str],
    body: str,
    starts_at: datetime,
    ends_at: datetime,
    by: Person,
    now: datetime,
    meant_otherwise: Collection[str] = (),
) -> Incident:
    """Plan a maintenance, which begins and ends by itself.

    Raises:
        NamesSomebody: it names a school or a person.
    """
    require_nameless(title, body, meant_otherwise=meant_otherwise)
    incident = Incident.objects.create(
        title=title,
        status=IncidentStatus.SCHEDULED,
        impact=IncidentImpact.MAINTENANCE,
        components=list(components),
        started_at=starts_at,
        until=ends_at,
        opened_at=now,
        opened_by=by,
        updated_at=now,
    )
    tell(incident, body=body, now=now, by=by)
    snapshots.rewrite(now=now)
    return incident


@transaction.atomic
def add_update(
    incident: Incident,
    *,
    status: str,
    body: str,
    by: Person,
    now: datetime,
    meant_otherwise: Collection[str] = (),
) -> None:
    """Write an update; it may move an incident that a person opened on, or a maintenance to its end.

    Raises:
        CannotTell: it is over, or the platform itself moves it on.
        NamesSomebody: it names a school or a person.
    """
    require_nameless(body, meant_otherwise=meant_otherwise)
    if status not in allowed_statuses(incident):
        message = _("It is over, or was moved on meanwhile. Load the page again.")
        raise CannotTell(message)
    ends = status in OVER
    is_calm = status in (IncidentStatus.MONITORING, IncidentStatus.RESOLVED)
    monitoring_at = (incident.monitoring_at or now) if is_calm else None
    changes = {} if incident.is_automatic else {"monitoring_at": monitoring_at}
    here = Incident.objects.filter(pk=incident.pk, status=incident.status)
    if not here.update(status=status, ended_at=now if ends else None, **changes):
        message = _("It was moved on meanwhile. Load the page again.")
        raise CannotTell(message)
    incident.status = status
    tell(incident, body=body, now=now, by=by)
    snapshots.rewrite(now=now)


def allowed_statuses(incident: Incident) -> list[str]:
    """Return the statuses that a person's update may have, that of now first; none when it is over."""
    if incident.is_over:
        return []
    if incident.is_maintenance:
        return [incident.status, IncidentStatus.COMPLETED]
    if incident.is_automatic:
        return [incident.status]
    order = [
        IncidentStatus.INVESTIGATING,
        IncidentStatus.IDENTIFIED,
        IncidentStatus.MONITORING,
        IncidentStatus.RESOLVED,
    ]
    return [incident.status, *(status for status in order if status != incident.status)]
