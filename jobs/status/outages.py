"""Outages of the database itself: nobody can write one down meanwhile, so supervision does afterwards."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.utils import timezone

from jobs.awake import AwakeClock
from jobs.insisting import broke_off
from jobs.models import Incident, IncidentImpact, IncidentStatus, StatusSample
from jobs.settings import switchyard
from jobs.status import words
from jobs.status.facts import lanes_of
from jobs.status.honesty import UNREACHABLE_AFTER
from jobs.status.samples import DATABASE
from jobs.status.telling import tell

log = structlog.get_logger()

ASK_SECONDS = 1.0
"""The time between an answer and the next question."""


class Watch:
    """What one supervisor noticed of the database being away; it is gone with that supervisor."""

    def __init__(self) -> None:
        """Have noticed nothing."""
        self._since: datetime | None = None
        self._until: datetime | None = None

    def lose(self, *, at: datetime) -> None:
        """Note that at `at` the database did not answer."""
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


def ask() -> None:
    """Ask the database for nothing, and wait for its answer however long that takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


class Asker:
    """Asks the database whether it answers, and lets a watch know since when it does not.

    `clock` has to be looked at by another thread meanwhile: for as long as we stood still ourselves, nobody
    knows whether the database answered.
    """

    def __init__(self, watch: Watch, *, clock: AwakeClock, ask: Callable[[], None] = ask) -> None:
        """Prepare to `ask`, which raises what a database that is away makes it raise."""
        self._watch, self._clock, self._ask = watch, clock, ask

    def take_turn(self) -> None:
        """Ask once; one that hangs keeps nobody but this thread."""
        began = self._clock.seconds()
        try:
            self._ask()
        except Exception as error:
            connection.close()
            if not broke_off(error):
                raise
            self._watch.lose(at=self._asked_at(began))
            return
        asked_at, now = self._asked_at(began), timezone.now()
        if now - asked_at >= UNREACHABLE_AFTER:
            self._watch.lose(at=asked_at)
        self._watch.reach(at=now)

    def _asked_at(self, began: float) -> datetime:
        return timezone.now() - timedelta(seconds=self._clock.seconds() - began)


def keep_asking(watch: Watch, *, clock: AwakeClock, stopping: threading.Event) -> None:
    """Ask once a second until `stopping` is set."""
    asker = Asker(watch, clock=clock)
    while not stopping.wait(ASK_SECONDS):
        try:
            asker.take_turn()
        except Exception:
            log.exception("database_not_asked")
    connection.close()


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
