"""What the yard starts, and a started one: a child process with its log."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from switchyard.yard import CannotRun, passage

POLL_SECONDS = 0.05


class ProgramDied(CannotRun):
    """A program ended before it was ready, or did not get ready in time."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program of the yard."""

    name: str
    """Its name in messages, and of its log."""
    command: Sequence[str]
    is_ready: Callable[[], bool]
    """Says whether it answers; must return within about two seconds."""
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.defpath})
    """All variables that it gets; not the yard's own."""
    user: str | None = None
    """The user it runs as; None for the yard's own."""
    stop_signal: signal.Signals = signal.SIGTERM
    """What asks it to end in order."""


class Child:
    """A started program."""

    def __init__(self, *, program: Program, log: Path, group: int) -> None:
        """Start `program` in the process group `group`; what it says is added to the file `log`."""
        self.program = program
        self.log = log
        self.started_at = time.monotonic()
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  (our own programs)
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=program.environment,
                process_group=group,
                **passage.identity(program.user),
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.process.pid

    def poll(self) -> int | None:
        """Return its exit code, or None while it lives."""
        return self.process.poll()

    def last_lines(self, *, count: int = 15) -> str:
        """Return the last `count` lines that it said since its start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def require_alive(self) -> None:
        """Check that it has not ended.

        Raises:
            ProgramDied: with its name, exit code and last lines.
        """
        if self.poll() is not None:
            fact = f"{self.program.name} ended with code {self.process.returncode}. It said last:"
            message = f"{fact}\n{self.last_lines()}\n(all of it: {self.log})"
            raise ProgramDied(message)

    def terminate(self) -> None:
        """Send the program's stop signal; a process that is stopped gets it when it continues."""
        self.process.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, `timeout` seconds at most, and return its exit code."""
        return self.process.wait(timeout)


def run_to_its_end(child: Child, *, look: Callable[[], None]) -> None:
    """Wait for the end of `child`; `look` is called between two looks and may raise to give up.

    Raises:
        ProgramDied: it ended with another exit code than 0.
    """
    while child.poll() is None:
        look()
        time.sleep(POLL_SECONDS)
    if child.poll() != 0:
        child.require_alive()


def wait_until_ready(
    children: Sequence[Child], *, seconds: float, look: Callable[[], None] = lambda: None
) -> None:
    """Wait until all `children` answer; `look` is called between two tries and may raise to give up.

    Raises:
        ProgramDied: one ended, or did not answer within `seconds`.
    """
    deadline = time.monotonic() + seconds
    waiting = list(children)
    while waiting:
        look()
        for child in waiting:
            child.require_alive()
        waiting = [child for child in waiting if not child.program.is_ready()]
        if waiting and time.monotonic() > deadline:
            names = ", ".join(child.program.name for child in waiting)
            last = "\n".join(child.last_lines() for child in waiting)
            message = f"{names} did not answer within {seconds:.0f} seconds. Said last:\n{last}"
            raise ProgramDied(message)
        time.sleep(POLL_SECONDS if waiting else 0)
