"""How far told times were from the truth, and the range that follows for the next ones."""

import math
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
    """Return the trust that `ratios` of the past teach: the next one lies within with `COVERAGE`.

    Split conformal prediction (Papadopoulos and others, 2002; Lei and others, 2018): true as far as the next
    job is one like the last ones. The range is open to both sides alike.
    """
    if len(ratios) < FEWEST:
        return Trust(low=GUESS.low, middle=GUESS.middle, high=GUESS.high, count=len(ratios))
    ordered = sorted(ratios)
    outside = (1 - COVERAGE) / 2 * (len(ordered) + 1)
    low = max(0, math.floor(outside) - 1)
    high = min(len(ordered) - 1, math.ceil(len(ordered) + 1 - outside) - 1)
    middle = ordered[len(ordered) // 2]
    return Trust(low=ordered[low], middle=middle, high=ordered[high], count=len(ordered))
