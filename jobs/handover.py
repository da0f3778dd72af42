"""A post whose process is replaced, for another pool or its memory: first the new one, then the old goes."""

from collections.abc import Callable, Sequence

from jobs.adopting import Adopted
from jobs.lanes import PoolType
from jobs.posts import Ended, Post, Process

Start = Callable[[str, PoolType | None, int], Process]
"""What starts a worker of a lane with a pool, or else that of the settings, at a place of its host's."""

READY_SECONDS = 60.0
"""A successor that is not ready by then is given up, and another one is tried after a pause."""


class LanePost(Post):
    """A post that knows the pool that its process was started with, which no process can change."""

    def __init__(self, *, name: str, start: Start, place: int = 0) -> None:
        """Fill the post `name` with what `start` returns for that name, the wanted pool and `place`."""
        super().__init__(name=name, start=lambda lane: start(lane, self.wanted, place))
        self.place = place
        """Which of the lane's posts on this host it is; every lane has the first, 0."""
        self.wanted: PoolType | None = None
        """The pool that a process started now would have."""
        self.successor: Process | None = None
        self._pool: str | None = None
        self._successor_pool: str | None = None
        self._give_up_at = 0.0

    @property
    def processes(self) -> list[Process]:
        """All processes of the post that may live."""
        return [process for process in (self.process, self.successor) if process is not None]

    @property
    def is_handing_over(self) -> bool:
        """Whether a successor is on its way."""
        return self.successor is not None

    def adopt(self, workers: Sequence[Adopted], *, now: float) -> None:
        """Take on one worker, or two: then the younger one is to take the place of the other."""
        older, *younger = workers
        self.process, self._pool, self._started_at = older, older.pool, now - older.age_seconds
        for successor in younger:
            self.successor, self._successor_pool = successor, successor.pool
            self._give_up_at = now + READY_SECONDS

    def hand_over(
        self, *, now: float, is_ready: Callable[[int], bool], is_outgrown: bool = False
    ) -> Process | None:
        """Start a successor when another pool is wanted, or the process has too much memory.

        Return the old process once the new one is ready. The caller asks the old one to end. `is_ready` says
        by process id whether a process works.
        """
        if self.process is None:
            return None
        if self.successor is None:
            if (self.wanted != self._pool or is_outgrown) and now >= self._due_at:
                self._start_successor(now)
            return None
        if self.successor.poll() is not None or now >= self._give_up_at:
            self._give_up(now)
            return None
        return self._succeed(now) if is_ready(self.successor.pid) else None

    def let_go(self, *, now: float) -> Process | None:
        """Leave the process to the caller, who ends it; a successor on its way takes the place at once."""
        hung = super().let_go(now=now)
        if self.successor is not None:
            self._succeed(now)
        return hung

    def _fill(self, now: float) -> None:
        super()._fill(now)
        self._pool = self.wanted

    def _empty(self, code: int, now: float) -> Ended:
        ended = super()._empty(code, now)
        if self.successor is not None:
            self._succeed(now)
        return ended

    def _start_successor(self, now: float) -> None:
        self.successor, self._successor_pool = self._start(self.name), self.wanted
        self._give_up_at = now + READY_SECONDS

    def _give_up(self, now: float) -> None:
        if self.successor is not None:
            self.successor.kill()
            self.successor.wait()
        self.successor = None
        self._wait(now)

    def _succeed(self, now: float) -> Process | None:
        old, self.process, self._pool = self.process, self.successor, self._successor_pool
        self.successor, self._started_at = None, now
        return old
