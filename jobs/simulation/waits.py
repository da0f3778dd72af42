"""What the simulation found: how long the jobs of a lane waited, and how busy its workers were."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Waits:
    """The waits of a lane's jobs, in seconds from submission to the first part's start."""

    jobs: int
    p50: float
    p95: float
    longest: float
    end_p50: float
    """From submission to the job's end."""
    end_p95: float
    late: int
    """Jobs that waited longer than the lane's promise."""
    busy_share: float
    """Worker seconds used, of those that were there until the last job ended; from 0 to 1."""


NOTHING = Waits(jobs=0, p50=0, p95=0, longest=0, end_p50=0, end_p95=0, late=0, busy_share=0)


def sum_up(*, starts: Sequence[float], ends: Sequence[float], promise: float, busy_share: float) -> Waits:
    """Return the figures of a lane from its jobs' waits until start and end, in seconds."""
    if not starts:
        return NOTHING
    return Waits(
        jobs=len(starts),
        p50=quantile(starts, 0.5),
        p95=quantile(starts, 0.95),
        longest=max(starts),
        end_p50=quantile(ends, 0.5),
        end_p95=quantile(ends, 0.95),
        late=sum(wait > promise for wait in starts),
        busy_share=busy_share,
    )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
