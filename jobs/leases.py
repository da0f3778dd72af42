"""Keeping the leases of the parts that this process works on, and noticing when one is lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone

from jobs.claiming import Claim
from jobs.settings import switchyard

log = structlog.get_logger()

# Only a part that is still ours, and whose job was not stopped, keeps its lease.
EXTEND = """
UPDATE jobs_part part SET leased_until = %(until)s
FROM jobs_job job
WHERE part.id = %(part)s AND part.fence = %(fence)s AND part.state = 'working'
    AND job.id = part.job_id AND job.ended_at IS NULL
RETURNING part.id
"""


class PartTaken(Exception):
    """The part is no longer ours: its job was stopped, or its lease ended and another worker has it."""


class Hold:
    """One claimed part that this process works on."""

    def __init__(self, *, claim: Claim, deadline: datetime) -> None:
        """Hold `claim` and extend its lease until `deadline` at the latest."""
        self.claim = claim
        self.deadline = deadline
        self.lost = threading.Event()

    def check(self) -> None:
        """Raise `PartTaken` when the part is no longer ours. Costs nothing: asks no database."""
        if self.lost.is_set():
            message = f"Part {self.claim.part.pk} is no longer ours."
            raise PartTaken(message)

    def extend(self, *, now: datetime) -> None:
        """Extend the lease, or note that it is lost."""
        until = now + timedelta(seconds=switchyard().supervision.lease_seconds)
        until = min(until, self.deadline)
        with connection.cursor() as cursor:
            cursor.execute(EXTEND, {"part": self.claim.part.pk, "fence": self.claim.fence, "until": until})
            if cursor.fetchone() is None:
                self.lost.set()


class Keeper:
    """Extends the leases of all parts that this process holds, from one thread of its own.

    The thread starts with the first hold and ends when there has been none for a lease's time, so
    that a forked child has its own and an idle process has none.
    """

    def __init__(self) -> None:
        """Start without holds."""
        self._holds: set[Hold] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pause = threading.Event()

    @contextmanager
    def holding(self, hold: Hold) -> Iterator[Hold]:
        """Keep `hold` alive within the block."""
        with self._lock:
            self._holds.add(hold)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)
                self._thread.start()
        try:
            yield hold
        finally:
            with self._lock:
                self._holds.discard(hold)

    def _run(self) -> None:
        pause = switchyard().supervision.lease_seconds / 4
        try:
            while not self._pause.wait(pause) and (holds := self._held()):
                self._extend(holds)
        finally:
            connection.close()

    def _held(self) -> list[Hold]:
        """Return the holds; when there is none, this thread ends and the next hold starts another."""
        with self._lock:
            if not self._holds:
                self._thread = None
            return list(self._holds)

    def _extend(self, holds: list[Hold]) -> None:
        try:
            for hold in holds:
                hold.extend(now=timezone.now())
        except DatabaseError as error:
            # The database restarts: try again at the next turn, on a new connection.
            log.warning("lease_not_extended", error=type(error).__name__)
            connection.close()


keeper = Keeper()
