"""Keeping the leases of the parts that this process works on, and noticing when one is lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.utils import timezone

from jobs import progress
from jobs.awake import LOOK_SECONDS, AwakeClock
from jobs.breakers import Visit
from jobs.claiming import Claim
from jobs.notices import Notices
from jobs.settings import switchyard

log = structlog.get_logger()

LOOKS_A_LEASE = 8
"""How often within one lease's time it is extended."""

# Only a part that is still ours, and whose job was not stopped, keeps its lease. How long it was worked on is
# told by its worker: one that is frozen or gone tells nothing more. What comes back says
# whether its worker was asked to end and has given its parts long enough, and whether its job was moved
# aside from our lane.
EXTEND = """
UPDATE jobs_part part SET leased_until = %(until)s, worked_seconds = %(worked)s,
    asks = %(asks)s, asks_seconds = %(asks_seconds)s
FROM jobs_job job
WHERE part.id = %(part)s AND part.fence = %(fence)s AND part.state = 'working'
    AND job.id = part.job_id AND job.ended_at IS NULL
RETURNING coalesce((
    SELECT hand_back_at <= %(now)s FROM jobs_workerpresence WHERE name = part.worker), false),
    part.lane <> job.lane AND EXISTS (
        SELECT 1 FROM jobs_detour detour WHERE detour.job_id = job.id AND detour.is_aside)
"""


class PartTaken(Exception):
    """The part is no longer ours: its job was stopped, or its lease ended and another worker has it."""


class HandedBack(Exception):
    """The worker was asked to end, or the job moved aside: the part goes back, for another one to go on."""


class TurnOver(HandedBack):
    """The part has held its worker for far longer than a part should: it goes to its place in line again."""


class OverTime(Exception):
    """The part took longer than its kind's time limit."""


class Hold:
    """One claimed part that this process works on."""

    def __init__(
        self,
        *,
        claim: Claim,
        now: datetime,
        limit: timedelta,
        grace: timedelta,
        turn: timedelta = timedelta.max,
        clock: AwakeClock | None = None,
    ) -> None:
        """Hold `claim` for the time `limit` at most; `grace` is what work gets to end when it is told to.

        It may go on with further units for the time of a `turn`.
        """
        self.claim = claim
        self._clock = clock or keeper.clock
        self._began: float | None = None
        self.deadline = now + limit
        self._limit = limit
        self._turn = turn
        self.visits: list[Visit] = []
        """The outside services in which the work is now."""
        self.lost = threading.Event()
        self.handing_back = threading.Event()
        self._grace = grace
        self._told_at: datetime | None = None

    def begin(self, *, now: datetime) -> None:
        """Let the time limit count from `now`: parts claimed together are worked on one after the other."""
        self.deadline = now + self._limit
        self._began = self._clock.seconds()

    @property
    def worked_seconds(self) -> float:
        """How long the part was worked on so far; a standstill of this process does not count."""
        return 0.0 if self._began is None else self._clock.seconds() - self._began

    def check(self) -> None:
        """Raise what ends the work between two units. Costs nothing: asks no database.

        Raises:
            PartTaken: the part is no longer ours.
            HandedBack: this worker was asked to end, or the job was moved aside.
        """
        if self.lost.is_set():
            message = f"Part {self.claim.part.pk} is no longer ours."
            raise PartTaken(message)
        if self.handing_back.is_set():
            message = f"Part {self.claim.part.pk} goes back."
            raise HandedBack(message)

    def check_turn(self) -> None:
        """Raise what ends the turn; call it between two units once one was done in it, or none ever is.

        Raises:
            TurnOver: limits and the shares of others have waited for this part for long enough.
        """
        if self.worked_seconds > self._turn.total_seconds():
            message = f"Part {self.claim.part.pk} goes on at its next turn."
            raise TurnOver(message)

    def check_patience(self, *, now: datetime) -> None:
        """Raise what ends the wait for work that does not end by itself.

        Raises:
            OverTime: the time limit has passed.
            PartTaken, HandedBack: the work was told to end and the grace has passed.
        """
        if now >= self.deadline:
            message = f"Part {self.claim.part.pk} took longer than its time limit."
            raise OverTime(message)
        if self._told_at is not None and now >= self._told_at + self._grace:
            self.check()

    def extend(self, *, now: datetime) -> None:
        """Extend the lease, or note that it is lost or to be handed back."""
        until = min(now + timedelta(seconds=switchyard().supervision.lease_seconds), self.deadline)
        asks_seconds, asks = self._silence()
        values: dict[str, int | float | str | datetime] = {
            "part": self.claim.part.pk,
            "fence": self.claim.fence,
            "until": until,
            "worked": self.worked_seconds,
            "asks": asks,
            "asks_seconds": asks_seconds,
            "now": now,
        }
        with connection.cursor() as cursor:
            cursor.execute(EXTEND, values)
            row = cursor.fetchone()
        if row is None:
            self._tell(self.lost, now=now)
        elif row[0]:
            self._tell(self.handing_back, now=now)
        elif row[1]:
            # Between two units, however long one takes: nobody waits for this slot so urgently that a
            # unit should be left in doubt.
            self.handing_back.set()

    def _silence(self) -> tuple[float, str]:
        """Return for how many seconds which outside service has not answered; 0 while none is asked."""
        silent = [(visit.silent_seconds, visit.called) for visit in list(self.visits)]
        return max((each for each in silent if each[0]), default=(0.0, ""))

    def _tell(self, event: threading.Event, *, now: datetime) -> None:
        self._told_at = self._told_at or now
        event.set()


class Keeper:
    """Extends the leases of all parts that this process holds, from one thread of its own.

    The thread starts with the first hold and ends when there has been none for a while, so that a
    forked child has its own and an idle process has none.
    """

    def __init__(self, *, clock: AwakeClock | None = None) -> None:
        """Start without holds; while there are some, the thread looks at `clock`."""
        self.clock = clock or AwakeClock()
        self._holds: set[Hold] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pause = threading.Event()
        self.notices: Notices | None = None
        """Whom a forked child tells what it holds."""

    @contextmanager
    def holding(self, hold: Hold) -> Iterator[Hold]:
        """Keep `hold` alive within the block."""
        with self._lock:
            self._holds.add(hold)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)
                self._thread.start()
        part, fence = hold.claim.part.pk, hold.claim.fence
        if self.notices is not None:
            self.notices.begin(part, fence)
        try:
            yield hold
        finally:
            if self.notices is not None:
                self.notices.end(part, fence)
            with self._lock:
                self._holds.discard(hold)

    def _run(self) -> None:
        pause = switchyard().supervision.lease_seconds / LOOKS_A_LEASE
        try:
            while holds := self._held_after(pause):
                self._extend(holds)
        finally:
            connection.close()

    def _held_after(self, seconds: float) -> list[Hold]:
        """Wait, and return the holds; when there is none, this thread ends, and the next hold starts one."""
        while seconds > 0:
            self.clock.seconds()
            self._pause.wait(min(seconds, LOOK_SECONDS))
            seconds -= LOOK_SECONDS
        with self._lock:
            if not self._holds:
                self._thread = None
            return list(self._holds)

    def _extend(self, holds: list[Hold]) -> None:
        try:
            for hold in holds:
                hold.extend(now=timezone.now())
            progress.write_noted()
        except Exception as error:  # noqa: BLE001
            # The database restarts, or whatever it is: without this thread all that is held would be lost. It
            # tries again at the next turn, on a new connection.
            log.warning("lease_not_extended", error=type(error).__name__)
            connection.close()


keeper = Keeper()
