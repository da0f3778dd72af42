"""Progress within a part, written at most once a second."""

import time

from jobs.models import Part, PartState

PAUSE_SECONDS = 1.0


class Progress:
    """The units of one part that are done and failed so far."""

    def __init__(self, *, part: Part, fence: int) -> None:
        """Start at nothing done for `part`, claimed with `fence`."""
        self._part = part
        self._fence = fence
        self._written_at = time.monotonic()
        self.done: int | None = None
        """None until the kind reports."""
        self.failed = 0

    def note(self, *, done: int, failed: int) -> None:
        """Keep the figures, and write them when the last writing was a second ago."""
        self.done, self.failed = done, failed
        if time.monotonic() - self._written_at >= PAUSE_SECONDS:
            self._written_at = time.monotonic()
            Part.objects.filter(pk=self._part.pk, fence=self._fence, state=PartState.WORKING).update(
                units_done=done, units_failed=failed
            )

    def final(self, *, units: int) -> tuple[int, int]:
        """Return units done and failed of a part of `units` that succeeded: all, if nothing was reported."""
        if self.done is None:
            return units, 0
        done = min(self.done, units)
        return done, min(self.failed, units - done)
