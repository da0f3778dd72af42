"""A broker that lets us wait costs a thread two time-outs, and not one for each lane that it would ring.

What is not rung then is rung by the next sweep that reaches the broker, as after any doorbell that got lost.
"""

import threading
import time
from collections.abc import Callable

LONG_SECONDS = 1.0
"""A failure that took so long was a wait for an answer; one that is quicker may be tried again at once."""
QUIET_SECONDS = 1.0
"""How long a thread asks nothing after such a wait. Others are not kept from asking."""


class Silence(threading.local):
    """What each thread of a process knows of its last waits in vain."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Know of none."""
        self._clock = clock
        self._waits = 0
        self._until = 0.0

    def lasts(self) -> bool:
        """Whether this thread waited in vain a moment ago, also with a new connection."""
        return self._waits > 1 and self._clock() < self._until

    def note(self, *, waited_seconds: float) -> None:
        """Note that something failed after a while. Once may be a connection that the network forgot."""
        if waited_seconds >= LONG_SECONDS:
            self._waits += 1
            self._until = self._clock() + QUIET_SECONDS

    def end(self) -> None:
        """Forget them: the broker answered."""
        self._waits = 0
