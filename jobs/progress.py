"""Progress within parts, written at most once a second for each job and process.

What a kind reports within a transaction of its own is written by the keeper of leases, on another connection:
else nobody would see it before the transaction's end, and the part's row, which it would hold until then,
could have its lease extended no more.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from django.db import connection

from jobs.models import Part

PAUSE_SECONDS = 1.0
# A row that another transaction holds is about to change anyway: its progress can wait.
WRITE = """
WITH noted AS (
    SELECT part.id, figures.done, figures.failed
    FROM unnest(%(parts)s::bigint[], %(fences)s::bigint[], %(done)s::integer[], %(failed)s::integer[])
        AS figures(part, fence, done, failed)
    JOIN jobs_part part ON part.id = figures.part AND part.fence = figures.fence
    WHERE part.state = 'working'
    FOR UPDATE OF part SKIP LOCKED
)
UPDATE jobs_part part SET units_done = noted.done, units_failed = noted.failed
FROM noted WHERE part.id = noted.id
"""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one part has done so far, under the fence of its claim."""

    fence: int
    done: int
    failed: int


def write(figures: Mapping[int, Figures]) -> None:
    """Write `figures`, by part, in one statement; what is no longer held by that claim stays as it is."""
    values: dict[str, list[int]] = {
        "parts": list(figures),
        "fences": [one.fence for one in figures.values()],
        "done": [one.done for one in figures.values()],
        "failed": [one.failed for one in figures.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


@dataclass(kw_only=True, weakref_slot=True, slots=True)
class Throttle:
    """Lets the parts of one job that this process works on write together, once a second.

    Whichever part notes something when the second is over writes for all of them, so that no part
    waits behind a busier one.
    """

    clock: Callable[[], float] = time.monotonic
    write: Callable[[Mapping[int, Figures]], None] = write
    written_at: float = field(init=False)
    noted: dict[int, Figures] = field(default_factory=dict, init=False)
    lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        """Begin a second."""
        self.written_at = self.clock()

    def note(self, part_id: int, figures: Figures) -> None:
        """Keep the figures of a part, and write those of all parts when the last writing was a second ago."""
        self.keep(part_id, figures)
        self.write_noted()

    def keep(self, part_id: int, figures: Figures) -> None:
        """Keep the figures of a part for the next writing."""
        with self.lock:
            self.noted[part_id] = figures

    def write_noted(self) -> None:
        """Write what was noted, when the last writing was a second ago."""
        with self.lock:
            now = self.clock()
            if not self.noted or now - self.written_at < PAUSE_SECONDS:
                return
            self.written_at = now
            due, self.noted = self.noted, {}
        self.write(due)


_throttles: WeakValueDictionary[int, Throttle] = WeakValueDictionary()
_throttles_lock = threading.Lock()


def throttle_of(job_id: int) -> Throttle:
    """Return the throttle that the job's parts in this process share; it lives while one of them does."""
    with _throttles_lock:
        return _throttles.setdefault(job_id, Throttle())


def write_noted() -> None:
    """Write what was noted of all jobs that this process works on, and is due."""
    with _throttles_lock:
        throttles = list(_throttles.values())
    for throttle in throttles:
        throttle.write_noted()


class Progress:
    """The units of one part that are done and failed so far."""

    def __init__(self, *, part: Part, fence: int) -> None:
        """Start at nothing done for `part`, claimed with `fence`."""
        self._part = part
        self._fence = fence
        self._throttle = throttle_of(part.job_id)
        self._depth = _depth()
        self.done: int | None = None
        """None until the kind reports."""
        self.failed = 0

    def note(self, *, done: int, failed: int) -> None:
        """Keep the figures; pages see them within a second or two."""
        self.done, self.failed = done, failed
        figures = Figures(fence=self._fence, done=done, failed=failed)
        is_in_transaction = _depth() > self._depth
        (self._throttle.keep if is_in_transaction else self._throttle.note)(self._part.pk, figures)

    def final(self, *, units: int) -> tuple[int, int]:
        """Return units done and failed of a part of `units` that succeeded: all, if nothing was reported."""
        if self.done is None:
            return units, 0
        done = min(self.done, units)
        return done, min(self.failed, units - done)


def _depth() -> int:
    """Return within how many transactions of each other this thread is."""
    return len(connection.savepoint_ids) + int(connection.in_atomic_block)
