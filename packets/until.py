"""An end by the clock for several calls of child processes together."""

import math
import time

from jobs.confinement import Limits

LEAST_SECONDS = 0.2
"""With less left no call is begun."""


class TimeOver(Exception):
    """There is no time left for another call."""


class Until:
    """A time from now on that all calls share."""

    def __init__(self, *, seconds: float, megabytes: float) -> None:
        """Begin now; each call may take so much memory."""
        self._at = time.monotonic() + seconds
        self._megabytes = megabytes

    def limits(self) -> Limits:
        """Return what the next call may take.

        Raises:
            TimeOver: it may not begin any more.
        """
        left = self._at - time.monotonic()
        if left < LEAST_SECONDS:
            raise TimeOver
        return Limits(megabytes=self._megabytes, cpu_seconds=math.ceil(left), seconds=left)
