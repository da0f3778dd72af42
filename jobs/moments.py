"""Moments that are expected, and the range around them."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Times:
    """A moment that is expected: the likely one, and the range in which four of five come true."""

    earliest: datetime
    likely: datetime
    latest: datetime

    def later(self, span: timedelta) -> "Times":
        """Return the same, moved by `span`."""
        return Times(earliest=self.earliest + span, likely=self.likely + span, latest=self.latest + span)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """When a job is expected to start and end; None while nothing was learned, or once it has."""

    start: Times | None = None
    end: Times | None = None

    def not_before(self, earliest: datetime) -> "Expected":
        """Return the same for a job that starts at `earliest` at the earliest."""
        if self.start is None or self.end is None or self.start.likely >= earliest:
            return self
        wait = earliest - self.start.likely
        return Expected(
            start=Times(earliest=earliest, likely=earliest, latest=max(self.start.latest, earliest)),
            end=self.end.later(wait),
        )

    def later(self, span: timedelta) -> "Expected":
        """Return the same, moved by `span`."""
        start, end = (times.later(span) if times else None for times in (self.start, self.end))
        return Expected(start=start, end=end)


UNKNOWN = Expected()
