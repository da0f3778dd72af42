"""What the yard starts, and a started one: a child process with its log."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from switchyard.yard import passage

POLL_SECONDS = 0.05


class ProgramDied(Exception):
    """A program ended before it was ready, or did not get ready in time."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program of the yard."""

    name: str
    """Its name in messages, and of its log."""
    command: Sequence[str]
    is_ready: Callable[[], bool]
    """Says whether it answers; must return within about two seconds."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables on top of the yard's own."""
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
                env={**os.environ, **program.environment},
                process_group=group,
                **passage.identity(program.user),
            )

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

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
        if not self.is_alive:
            fact = f"{self.program.name} ended with code {self.process.returncode}. It said last:"
            message = f"{fact}\n{self.last_lines()}\n(all of it: {self.log})"
            raise ProgramDied(message)

    def ask_to_end(self) -> None:
        """Send the program's stop signal; a process that is stopped gets it when it continues."""
        if self.is_alive:
            self.process.send_signal(self.program.stop_signal)

    def end(self, *, deadline: float) -> None:
        """Wait for the end until `deadline` (of time.monotonic), then kill the process."""
        try:
            self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


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
