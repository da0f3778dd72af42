"""A clock that stands still with its process: what a frozen process lost is no time that its work took."""

import threading
import time
from collections.abc import Callable

LOOK_SECONDS = 1.0
"""Whoever measures lets somebody look at the clock so often."""
LATE_SECONDS = 1.0
"""A look that comes later than that finds that the process stood still."""


class AwakeClock:
    """Seconds in which this process was awake, as long as somebody looks at it once a second.

    Between two looks that lie far apart the process stood still: it was frozen, its machine was full, or the
    database did not answer. Only the time of the CPU that it used meanwhile counts, so that native code
    which keeps the interpreter's lock is not taken for a standstill. Honest limit: one of less than a second
    or two is not noticed, nor one while other threads computed.
    """

    def __init__(
        self, *, wall: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.process_time
    ) -> None:
        """Start, with the clocks of the system or those of a test."""
        self._wall, self._cpu = wall, cpu
        self._lock = threading.Lock()
        self._looked_at, self._used = wall(), cpu()
        self._lost = 0.0

    def seconds(self) -> float:
        """Return the seconds awake since some moment: only differences tell, from when somebody looks."""
        with self._lock:
            now, used = self._wall(), self._cpu()
            late = now - self._looked_at - LOOK_SECONDS
            if late > LATE_SECONDS:
                self._lost += max(0.0, late - (used - self._used))
            self._looked_at, self._used = now, used
            return now - self._lost
