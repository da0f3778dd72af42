"""What this web process knows of the status page: the newest snapshot of memory, file and database.

No request waits for the database: a thread asks it every two seconds while somebody reads, and who comes
first waits half a second at most. So the page answers also when the database is away or hangs.
"""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import structlog
from django.conf import settings
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone

from jobs.models import StatusSnapshot
from jobs.status import honesty, keeping
from jobs.status.honesty import Told
from jobs.status.keeping import Snapshot

log = structlog.get_logger()

ASK_SECONDS = 2.0
"""While somebody reads, the database is asked so often."""
PATIENCE_SECONDS = 0.5
"""So long a reader waits for its answer."""
SILENT_SECONDS = 3.0
"""A database that has not answered for this long counts as one that is away."""
JUST_SECONDS = 5.0
"""What was found out before that says nothing of now: perhaps nobody has read, and so asked, since then."""
ONE_OUTAGE_SECONDS = 300.0
"""A failure so long after the last one is no longer of the same outage."""


class Keeper:
    """The newest snapshot that this process knows."""

    def __init__(self) -> None:
        """Know nothing."""
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._asker: threading.Thread | None = None
        self._asked_at = float("-inf")
        self._began_at: datetime | None = None
        self._failed_since: datetime | None = None
        self._failed_at: datetime | None = None

    def told(self, *, now: datetime) -> Told:
        """Return what is to be shown at `now`."""
        asker = self._ask_if_due()
        if asker is not None:
            # Nobody waits for a database that is known to be away.
            asker.join(0 if self._has_failed_within(JUST_SECONDS, now=now) else PATIENCE_SECONDS)
        if self._snapshot is None:
            self._take(keeping.read(folder=Path(settings.STATUS_FOLDER)))
        return honesty.tell(self._snapshot, now=now, unreachable_since=self._away_since(now=now))

    def wait(self, *, seconds: float) -> None:
        """Wait until nobody asks the database any more, for tests."""
        if self._asker is not None:
            self._asker.join(seconds)

    def _away_since(self, *, now: datetime) -> datetime | None:
        began, asker = self._began_at, self._asker
        is_asking = began is not None and asker is not None and asker.is_alive()
        # A question that has no answer yet does not end the outage in which the last one failed.
        lasts_seconds = ONE_OUTAGE_SECONDS if is_asking else JUST_SECONDS
        if self._has_failed_within(lasts_seconds, now=now):
            return self._failed_since
        is_silent = began is not None and is_asking and now - began > timedelta(seconds=SILENT_SECONDS)
        return began if is_silent else None

    def _has_failed_within(self, seconds: float, *, now: datetime) -> bool:
        failed_at = self._failed_at
        return failed_at is not None and now - failed_at < timedelta(seconds=seconds)

    def _ask_if_due(self) -> threading.Thread | None:
        """Let the database be asked if it is time and nobody does; return who does now."""
        with self._lock:
            is_asking = self._asker is not None and self._asker.is_alive()
            if is_asking or monotonic() - self._asked_at < ASK_SECONDS:
                return None
            self._asked_at = monotonic()
            self._began_at = timezone.now()
            self._asker = threading.Thread(target=self._ask, name="status-snapshot", daemon=True)
            self._asker.start()
            return self._asker

    def _ask(self) -> None:
        try:
            self._fetch()
        finally:
            connection.close()

    def _fetch(self) -> None:
        newest = self._snapshot
        try:
            rows = StatusSnapshot.objects.filter(pk=1)
            if newest is not None:
                rows = rows.exclude(at=newest.at, body__changed_at=newest.body["changed_at"])
            row = rows.first()
        except DatabaseError as error:
            if not self._has_failed_within(ONE_OUTAGE_SECONDS, now=timezone.now()):
                log.warning("snapshot_not_fetched", error=type(error).__name__)
                self._failed_since = self._began_at
            self._failed_at = timezone.now()
        else:
            self._failed_since = self._failed_at = None
            if row is not None:
                self._take(Snapshot(at=row.at, body=row.body), is_new=True)

    def _take(self, found: Snapshot | None, *, is_new: bool = False) -> None:
        with self._lock:
            if found is None or (self._snapshot is not None and found.at < self._snapshot.at):
                return
            self._snapshot = found
        if is_new:
            try:
                keeping.write(found, folder=Path(settings.STATUS_FOLDER))
            except OSError as error:
                log.warning("snapshot_not_kept", error=type(error).__name__)


keeper = Keeper()
"""That of this process."""


def told(*, now: datetime) -> Told:
    """Return what this process shows of the status page at `now`."""
    return keeper.told(now=now)
