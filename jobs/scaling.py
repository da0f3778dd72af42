"""How many workers a lane should have, as plain arithmetic: quick up, slow down, never beyond its bounds."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from jobs.lanes import Lane

SPARE = 1.25
"""How many times the workers that a limit keeps busy on average are worth having: their work is uneven."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a lane has to do at one moment."""

    waiting: int
    """Parts that could be claimed now."""
    working: int
    """Parts at work."""
    oldest_seconds: float
    """How long the oldest of those that wait has waited."""
    part_seconds: float
    """What a part takes a worker, as it was lately; above 0."""
    promise_seconds: float
    """The longest wait that the lane promises."""
    most_useful: float = math.inf
    """How many workers the lane's limits can keep busy."""


def needed(load: Load) -> int:
    """Return how many workers begin all that waits within half of what the promise leaves.

    Half, so that it is kept also when what comes next takes longer. Who works now is needed while anything
    waits; beyond one for each part nobody is.
    """
    if not load.waiting:
        return load.working
    left = max(load.promise_seconds / 2 - load.oldest_seconds, load.part_seconds)
    in_time = math.ceil(load.waiting * load.part_seconds / left)
    return min(load.waiting + load.working, max(load.working, in_time), _ceil(load.most_useful))


def most_useful(*, rate: float | None, unit_seconds: float) -> float:
    """Return how many workers a limit of `rate` units a second keeps busy, if a unit takes `unit_seconds`."""
    return math.inf if rate is None else 1 + SPARE * rate * unit_seconds


class Scaler:
    """Follows what one lane needs: up at once, down only to what was enough for a while."""

    def __init__(self, *, wanted: int, now: float) -> None:
        """Begin with the number of workers that are `wanted` already."""
        self._needs = deque([(now, wanted)])

    def wanted(self, load: Load, *, least: int, most: int, patience_seconds: float, now: float) -> int:
        """Return how many workers the lane should have, from `least` to `most`.

        `now` is in seconds of a clock that never goes back. No worker goes that was needed within the last
        `patience_seconds`.
        """
        self._needs.append((now, needed(load)))
        while self._needs[0][0] < now - patience_seconds:
            self._needs.popleft()
        return max(least, min(most, max(need for _, need in self._needs)))


def within_total(wanted: Mapping[str, int], *, least: Mapping[str, int], total: int | None) -> dict[str, int]:
    """Return how many of the `wanted` workers each lane gets, so that all have no more than `total`.

    The `least` of each lane it has in any case; beyond that each gets the same share of what it wants.
    """
    more = {lane: workers - least[lane] for lane, workers in wanted.items()}
    asked = sum(more.values())
    room = asked if total is None else max(0, min(asked, total - sum(least.values())))
    return {lane: least[lane] + (more[lane] * room // asked if asked else 0) for lane in wanted}


def granted(wanted: Mapping[str, int], *, lanes: Mapping[str, Lane], total: int | None) -> dict[str, int]:
    """Return how many workers each of `lanes` gets; those that do not grow are not among the `wanted`.

    Lanes without which people stand still get theirs first, then the others within the `total`.
    """
    least = {
        name: wanted.get(name, lane.workers) if lane.is_vital else lane.workers
        for name, lane in lanes.items()
    }
    return within_total({**least, **wanted}, least=least, total=total)


def share_of(workers: int, *, place: int, processes: int) -> int:
    """Return how many of a lane's `workers` the process at `place` of `processes` has; one at least."""
    return max(1, workers // processes + (place < workers % processes))


def processes_of(workers: int, *, each: int, place: int, hosts: int, most: int) -> int:
    """Return how many processes the host at `place` of `hosts` has for a lane's `workers`; `most` at most.

    As many as it takes that none has more than `each`, and one at least.
    """
    return min(most, share_of(math.ceil(workers / each), place=place, processes=hosts))


def _ceil(number: float) -> int:
    return 10**9 if math.isinf(number) else math.ceil(number)
