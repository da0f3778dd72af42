"""Doorbells that met a closed limit: rung again when it opens, so that nobody else has to notice that.

The debt and the rate tell the moment. The slot does not wait for it, as other schools and kinds may have
work that no limit keeps back. Honest limit: a process that ends forgets what it owes; supervision rings then.
"""

import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from jobs import publishing

SOONEST_SECONDS, SELDOMEST_SECONDS = 0.1, 1.0
"""A process claims in vain once in so many seconds, however often a limit closes: tokens are saved meanwhile.
Where others use the limit up, it asks less and less often."""


class Alarm(Protocol):
    """A call that comes later, in a thread of its own."""

    def cancel(self) -> None:
        """Let it not come."""


def _call_later(seconds: float, call: Callable[[], None]) -> Alarm:
    alarm = threading.Timer(seconds, call)
    alarm.daemon = True
    alarm.start()
    return alarm


class Reminder:
    """The doorbells that this process owes its lane."""

    def __init__(self, *, call_later: Callable[[float, Callable[[], None]], Alarm] = _call_later) -> None:
        """Owe none yet."""
        self._call_later = call_later
        self._lock = threading.Lock()
        self._alarm: Alarm | None = None
        self._due_at = math.inf
        self._owed = 0
        self._pause = SOONEST_SECONDS

    def owe(self, *, lane: str, kind: str, opens_in: float, most: int, was_in_vain: bool) -> None:
        """Ring `lane` once more in `opens_in` seconds; `most` doorbells at the most are owed at once.

        A doorbell that `was_in_vain` has found nothing at all since it was rung.
        """
        with self._lock:
            self._pause = min(2 * self._pause, SELDOMEST_SECONDS) if was_in_vain else SOONEST_SECONDS
            self._owed = min(self._owed + 1, most)
            self._set_alarm(lane, kind, seconds=max(opens_in, self._pause))

    def _set_alarm(self, lane: str, kind: str, *, seconds: float) -> None:
        due_at = time.monotonic() + seconds
        if due_at >= self._due_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._due_at = due_at
        self._alarm = self._call_later(seconds, partial(self._ring, lane, kind, due_at))

    def _ring(self, lane: str, kind: str, due_at: float) -> None:
        with self._lock:
            if due_at != self._due_at:
                return
            self._due_at, self._alarm = math.inf, None
            self._owed -= 1
            if self._owed:
                self._set_alarm(lane, kind, seconds=self._pause)
        publishing.ring(lane=lane, kind=kind)
