"""How far told times were from the truth, and the range that follows for the next ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

COVERAGE = 0.8
"""The share of jobs whose truth lies within the range that was told."""
GRAIN_SECONDS = 2.0
"""A part's time: nobody can tell a moment more finely, and a miss of a second is none."""
LEARNED_FROM = 200
"""The newest truths of a lane from which the next range follows."""
FEWEST = 10
"""With fewer told times that came true, the range is a guess."""
HALVED_AFTER = 30
"""A truth counts half as much after so many newer ones."""
WEIGHTS = tuple(0.5 ** (newer / HALVED_AFTER) for newer in range(LEARNED_FROM))
"""What the truths count, newest first."""
DAMPED_BY = 10
"""So many truths correct the likely time by half (the square root) of what they show; more by more."""
LEAST_MIDDLE, MOST_MIDDLE = 0.5, 2.0
"""The likely time is corrected by no more, unless the range lies beyond that."""
SETTLED = 50
"""So many truths show where the range lies, whatever was likely before."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A span that was told, in seconds from then on: the likely one, and the range around it."""

    earliest: float
    likely: float
    latest: float

    def not_before(self, soonest: float) -> Self:
        """Return it without what lies before `soonest`, when it cannot be for certain."""
        earliest, likely, latest = (max(each, soonest) for each in (self.earliest, self.likely, self.latest))
        return replace(self, earliest=earliest, likely=likely, latest=latest)


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What the truth was, as factors of what was reckoned: at the range's ends, and in the middle."""

    low: float
    middle: float
    high: float
    count: int = 0
    """How many truths taught it."""

    def told(self, reckoned: float) -> Told:
        """Return what to tell when `reckoned` seconds were reckoned."""
        low, middle, high = (
            max(0.0, factor * (reckoned + GRAIN_SECONDS) - GRAIN_SECONDS)
            for factor in (self.low, self.middle, self.high)
        )
        return Told(earliest=low, likely=middle, latest=high)


GUESS = Trust(low=0.6, middle=1.0, high=2.0)
"""What is told before there is a truth to learn from."""


def ratio(*, reckoned: float, took: float) -> float:
    """Return the truth as a factor of what was reckoned, both in seconds."""
    return (took + GRAIN_SECONDS) / (reckoned + GRAIN_SECONDS)


def learn(ratios: Sequence[float]) -> Trust:
    """Return the trust that `ratios` of the past teach, oldest first: `COVERAGE` of the next lie within.

    Split conformal prediction (Papadopoulos and others, 2002; Lei and others, 2018), with weights that fade
    (Barber and others, 2023): true as far as the next job is one like the last ones. The range is open to
    both sides alike; with few truths it is wider, so that what is likely lies within.
    """
    count = len(ratios)
    if count < FEWEST:
        return replace(GUESS, count=count)
    weighted = sorted(zip(reversed(ratios), WEIGHTS, strict=False))
    total = sum(weight for _, weight in weighted)
    outside = (1 - COVERAGE) / 2 * (total + 1)
    low, high = _reached(weighted, outside), _reached(weighted[::-1], outside)
    middle = _damped(_reached(weighted, total / 2), count=count)
    if count < SETTLED:
        low, high = min(low, middle), max(high, middle)
    return Trust(low=low, middle=min(max(low, middle), high), high=high, count=count)


def _damped(middle: float, *, count: int) -> float:
    damped = float(middle ** (count / (count + DAMPED_BY)))
    return min(max(damped, LEAST_MIDDLE), MOST_MIDDLE)


def _reached(weighted: Sequence[tuple[float, float]], mass: float) -> float:
    """Return the last value of which at least half the weight is within `mass`, or the first one."""
    reached, before = weighted[0][0], 0.0
    for value, weight in weighted:
        if before + weight / 2 > mass:
            break
        reached, before = value, before + weight
    return reached
