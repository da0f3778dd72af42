"""Who had how much of a lane: worker seconds of schools in a span, and slots that stood idle meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jobs.models import Part, PartState, School


@dataclass(frozen=True, kw_only=True)
class Span:
    """From when to when."""

    began_at: datetime
    ended_at: datetime

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.ended_at - self.began_at).total_seconds()

    def overlap(self, began: datetime, ended: datetime) -> float:
        """Return the seconds that both have in common."""
        return max(0.0, (min(ended, self.ended_at) - max(began, self.began_at)).total_seconds())


def while_all_wait(schools: Iterable[School], *, lane: str) -> Span:
    """Return the span in which each school had parts at work and parts waiting.

    It begins with the last school's first part of work and ends with the first school's last claim.
    """
    parts = [_worked(lane).filter(school=school) for school in schools]
    return Span(
        began_at=max(found.earliest("claimed_at").claimed_at for found in parts),
        ended_at=min(found.latest("claimed_at").claimed_at for found in parts),
    )


def worker_seconds(schools: Iterable[School], *, lane: str, span: Span) -> dict[str, float]:
    """Return the worker seconds that each school had in the span, divided by its weight."""
    return {
        school.slug: sum(
            span.overlap(part.claimed_at, part.ended_at) for part in _worked(lane).filter(school=school)
        )
        / school.weight
        for school in schools
    }


def part_seconds(*, lane: str, span: Span) -> list[float]:
    """Return the seconds of the lane's parts that began in the span."""
    parts = _worked(lane).filter(claimed_at__range=(span.began_at, span.ended_at))
    return [(part.ended_at - part.claimed_at).total_seconds() for part in parts]


def idle_share(*, lane: str, slots: int, span: Span) -> float:
    """Return which share of the lane's slots had no part in the span."""
    busy = sum(span.overlap(part.claimed_at, part.ended_at) for part in _worked(lane))
    return 1 - busy / (slots * span.seconds)


def unevenness(seconds: dict[str, float]) -> float:
    """Return how far the school farthest from its fair share is from it, as a share of it."""
    fair = sum(seconds.values()) / len(seconds)
    return max(abs(found - fair) for found in seconds.values()) / fair


def _worked(lane: str):  # noqa: ANN202  (a QuerySet of parts)
    return Part.objects.filter(lane=lane, state=PartState.DONE)
