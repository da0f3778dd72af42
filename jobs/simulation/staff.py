"""The workers of a simulated lane: how many there are, and the event that wakes those that are idle."""

from itertools import pairwise

from simpy import Environment

from jobs.simulation.depth import Lately
from jobs.simulation.line import Line, Steps


class LaneAtWork:
    """A lane's line, with its workers."""

    def __init__(self, line: Line, *, clock: Environment) -> None:
        """Let the lane begin with its `workers`; who makes them `come`s."""
        self.line = line
        self.lately = Lately()
        self.busy_seconds = 0.0
        self._clock = clock
        self._stirred = clock.event()
        self._there = 0
        self._idle = 0
        self._changes = [(0.0, 0)]
        """When there were how many workers."""

    @property
    def is_short(self) -> bool:
        """Whether something waits while no worker is idle."""
        return self.line.waiting > 0 and not self._idle

    @property
    def missing(self) -> int:
        """How many workers must come until there are as many as the lane is to have."""
        return max(0, self.line.workers - self._there)

    def come(self) -> None:
        """Count one worker more."""
        self._count(1)

    def goes_home(self) -> bool:
        """Say whether a worker is one too many, and count it no more then."""
        if self._there <= self.line.workers:
            return False
        self._count(-1)
        return True

    def resize(self, workers: int) -> None:
        """Let the lane have so many `workers`; who is one too many goes once its piece has ended."""
        self.line.workers = workers
        if self._there > workers:
            self.stir()

    def stir(self) -> None:
        """Let the idle workers look again."""
        self._stirred.succeed()
        self._stirred = self._clock.event()

    def idle(self) -> Steps:
        """Wait until something came, or a limit opens."""
        opens_in = self.line.opens_in(now=self._clock.now)
        stirred = self._stirred
        self._idle += 1
        if opens_in == float("inf"):
            yield stirred
        else:
            yield stirred | self._clock.timeout(opens_in)
        self._idle -= 1

    def worker_seconds(self, *, since: float, until: float) -> float:
        """Return how long workers were there, all together."""
        spans = pairwise([*self._changes, (until, 0)])
        return sum(
            max(0.0, min(end, until) - max(begin, since)) * workers for (begin, workers), (end, _) in spans
        )

    def _count(self, more: int) -> None:
        self._there += more
        self._changes.append((self._clock.now, self._there))
