"""A post: the place of one process that is started, watched, and started again when it ends."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
NO_CODE = 1000
"""In place of the exit code of a process that is no child of ours: only its parent is told."""


class Process(Protocol):
    """What a post needs of a started process; `subprocess.Popen` has it."""

    @property
    def pid(self) -> int:
        """The process's id."""

    def poll(self) -> int | None:
        """Return its exit code, or None while it lives."""

    def terminate(self) -> None:
        """Ask it to finish what it works on and end."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, `timeout` seconds at most."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A process that was not asked to end has ended."""

    name: str
    """The post's name."""
    pid: int
    """The process's id."""
    code: int
    """The exit code; below 0 the signal that killed it; NO_CODE where nobody can tell."""
    pause_seconds: float
    """Seconds until the post starts it again."""


class Post:
    """A place that always has a process, or waits a little before it starts the next one."""

    def __init__(self, *, name: str, start: Callable[[str], Process]) -> None:
        """Fill the post `name` with what `start` returns for that name."""
        self.name = name
        self.process: Process | None = None
        self._start = start
        self._pause = FIRST_PAUSE_SECONDS
        self._due_at = 0.0
        self._started_at = 0.0

    def tend(self, *, now: float) -> Ended | None:
        """Start the process when it is due, and return its end when it was found.

        `now` is in seconds of a clock that never goes back. The pause doubles from 1 second to 30 with
        each end, and is 1 second again after a minute of health.
        """
        if self.process is None:
            self._fill(now)
            return None
        code = self.process.poll()
        return None if code is None else self._empty(code, now)

    def _fill(self, now: float) -> None:
        if now >= self._due_at:
            self.process = self._start(self.name)
            self._started_at = now

    def let_go(self, *, now: float) -> Process | None:
        """Leave the process to the caller, who ends it; return it. Another one starts after the pause."""
        process, self.process = self.process, None
        self._forgive(now)
        self._wait(now)
        return process

    def _empty(self, code: int, now: float) -> Ended:
        self._forgive(now)
        pid = self.process.pid if self.process else 0
        ended = Ended(name=self.name, pid=pid, code=code, pause_seconds=self._pause)
        self.process = None
        self._wait(now)
        return ended

    def _forgive(self, now: float) -> None:
        if now - self._started_at >= HEALTHY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS

    def _wait(self, now: float) -> None:
        self._due_at = now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)


def end(process: Process, *, deadline: float) -> bool:
    """Wait for the end of `process` until `deadline` of time.monotonic; kill it then and return True."""
    return bool(end_all([process], deadline=deadline))


def end_all(processes: Sequence[Process], *, deadline: float) -> list[Process]:
    """Wait for the ends of `processes` until `deadline` of time.monotonic; kill and return those left then.

    All are killed before the first of them is waited for: a large process takes its time to go.
    """
    left = [process for process in processes if not _ends(process, deadline=deadline)]
    for process in left:
        process.kill()
    for process in left:
        process.wait()
    return left


def _ends(process: Process, *, deadline: float) -> bool:
    try:
        process.wait(timeout=max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True
