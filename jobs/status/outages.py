"""Outages of the database itself: nobody can write one down meanwhile, so supervision does afterwards.

Honest limit: one that hangs and then goes on with what it was asked is not noticed here. Of that only the web
processes tell, while it lasts.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from jobs.models import Incident, IncidentImpact, IncidentStatus, StatusSample
from jobs.settings import switchyard
from jobs.status import words
from jobs.status.facts import lanes_of
from jobs.status.honesty import UNREACHABLE_AFTER
from jobs.status.samples import DATABASE
from jobs.status.telling import tell

log = structlog.get_logger()


class Watch:
    """What one supervisor noticed of the database being away; it is gone with that supervisor."""

    def __init__(self) -> None:
        """Have noticed nothing."""
        self._since: datetime | None = None
        self._until: datetime | None = None

    def lose(self, *, at: datetime) -> None:
        """Note that at `at` the database was known not to answer.

        Not what was asked before: a supervisor that stood still itself would take that for an outage.
        """
        if self._until is not None or self._since is None:
            self._since, self._until = at, None

    def reach(self, *, at: datetime) -> None:
        """Note that it answers at `at`."""
        if self._since is not None and self._until is None:
            self._until = at

    def write_down(self) -> None:
        """Write down an outage that is over, if there was one; one supervisor of all does."""
        if self._since is not None and self._until is not None:
            record(since=self._since, until=self._until)
            self._since = self._until = None


@transaction.atomic
def record(*, since: datetime, until: datetime) -> Incident | None:
    """Write down as an incident that the database was away from `since` to `until`.

    Returns None where it was a moment only, as in a restart, or where it stands there already; also where
    another supervisor could write meanwhile, so that it was only out of reach from here.
    """
    ours = list(switchyard().components)
    known = Incident.objects.filter(cause=DATABASE, started_at__lte=until, ended_at__gte=since)
    # Those at the very end may be of one who reached it again a moment before us.
    looks = StatusSample.objects.filter(at__gt=since, at__lt=until - UNREACHABLE_AFTER)
    if until - since < UNREACHABLE_AFTER or not ours or known.exists() or looks.exists():
        return None
    incident = Incident.objects.create(
        title=words.title_of(DATABASE, []),
        status=IncidentStatus.RESOLVED,
        impact=IncidentImpact.CRITICAL,
        components=ours,
        lanes=lanes_of(ours),
        cause=DATABASE,
        started_at=since,
        opened_at=until,
        updated_at=until,
        monitoring_at=until,
        ended_at=until,
    )
    told = words.told_of_outage(started=timezone.localtime(since), ended=timezone.localtime(until))
    tell(incident, body=told, now=until)
    log.warning("outage_written_down", incident=incident.code, seconds=round((until - since).total_seconds()))
    return incident
