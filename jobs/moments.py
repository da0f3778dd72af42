"""Moments that are expected, and the range around them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LAST = datetime(9999, 12, 30, tzinfo=UTC)
"""The last moment that can be told in every zone."""


def in_reach(moment: datetime) -> datetime:
    """Return `moment`, or the last one that can be told."""
    return min(moment, LAST)


def _moved(moment: datetime, span: timedelta) -> datetime:
    return LAST if span > LAST - moment else moment + span


@dataclass(frozen=True, kw_only=True)
class Times:
    """A moment that is expected: the likely one, and the range in which four of five come true."""

    earliest: datetime
    likely: datetime
    latest: datetime

    def later(self, span: timedelta) -> "Times":
        """Return the same, moved by `span`, within what can be told."""
        return Times(
            earliest=_moved(self.earliest, span),
            likely=_moved(self.likely, span),
            latest=_moved(self.latest, span),
        )


@dataclass(frozen=True, kw_only=True)
class Expected:
    """When a job is expected to start and end; None while nothing was learned, or once it has."""

    start: Times | None = None
    end: Times | None = None

    def not_before(self, earliest: datetime) -> "Expected":
        """Return the same for a job that starts at `earliest` at the earliest."""
        if self.start is None or self.end is None or self.start.likely >= earliest:
            return self
        earliest = in_reach(earliest)
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
