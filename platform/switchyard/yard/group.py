"""The process group of everything that is started here: it ends when we end, however we end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from switchyard.yard import watcher
from switchyard.yard.living import wait_for_end
from switchyard.yard.programs import Child, Program

WATCHER_SECONDS = 2
LEFT_OVER_SECONDS = 1
"""For what a killed program left behind to end in order; it has had the pause before the next start."""


class Group:
    """A process group led by a watcher: see `switchyard.yard.watcher`."""

    def __init__(self, *, logs: Path, keep_open: Iterable[int] = ()) -> None:
        """Start the watcher; the watcher keeps the file descriptors `keep_open` open until all have ended."""
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._children: list[Child] = []
        self._watcher = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, watcher.__file__],
            stdin=subprocess.PIPE,
            process_group=0,
            pass_fds=tuple(keep_open),
        )
        self.id = self._watcher.pid

    def start(self, program: Program) -> Child:
        """Start `program` in this group, where no process that an earlier start of it forked is left."""
        self._children = [child for child in self._children if child.poll() is None]
        _end(self._forks_left(program.command), deadline=time.monotonic() + LEFT_OVER_SECONDS)
        self._children.append(Child(program=program, log=self._logs / f"{program.name}.log", group=self.id))
        return self._children[-1]

    def _forks_left(self, command: Sequence[str]) -> list[psutil.Process]:
        """Return what outlived the process of `command` that forked it: it may keep the port."""
        alive = {child.pid for child in self._children}
        return [
            process
            for process in watcher.members(self.id)
            if process.pid not in alive and _is_fork(process, command=command, but_of=alive)
        ]

    def is_watched(self) -> bool:
        """Say whether the watcher still lives."""
        return self._watcher.poll() is None

    def wake(self) -> None:
        """Let those go on that were stopped: else they would not hear that they are asked to end."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.id, signal.SIGCONT)

    def end(self, *, but: Iterable[Child] = (), deadline: float) -> None:
        """Ask all of the group to end but the watcher and the children `but`; kill at `deadline`.

        That is a time of time.monotonic.
        """
        _end(self._members(but=but), deadline=deadline)
        self.kill(but=but)

    def kill(self, *, but: Iterable[Child] = ()) -> None:
        """Kill every process of the group but the watcher and the children `but`."""
        for process in self._members(but=but):
            with _already_ended():
                process.kill()

    def _members(self, *, but: Iterable[Child]) -> list[psutil.Process]:
        spared = {self.id, *(child.process.pid for child in but)}
        return [process for process in watcher.members(self.id) if process.pid not in spared]

    def close(self) -> None:
        """Kill what still lives in the group and end the watcher."""
        self.kill()
        for child in self._children:
            child.wait()
        if self._watcher.stdin is not None:
            self._watcher.stdin.close()
        try:
            self._watcher.wait(timeout=WATCHER_SECONDS)
        except subprocess.TimeoutExpired:
            self._watcher.kill()
            self._watcher.wait()


def end_left_over(*, group: int, var: Path) -> None:
    """Kill what an earlier yard of the folder `var` left in its process group `group`.

    There is something only when that yard and its watcher were both killed.
    """
    for process in watcher.members(group):
        with _already_ended():
            if process.environ().get("SWITCHYARD_VAR") == str(var):
                process.kill()


def _is_fork(process: psutil.Process, *, command: Sequence[str], but_of: set[int]) -> bool:
    try:
        # A fork has the command line of the process that made it.
        return process.cmdline() == list(command) and process.ppid() not in but_of
    except psutil.NoSuchProcess:
        return False


def _end(left: list[psutil.Process], *, deadline: float) -> None:
    """Ask the processes to end, and kill those that have not at `deadline`."""
    for process in left:
        with _already_ended():
            process.terminate()
    for process in left:
        if not wait_for_end(process.pid, seconds=max(0.0, deadline - time.monotonic())):
            with _already_ended():
                process.kill()
            wait_for_end(process.pid, seconds=LEFT_OVER_SECONDS)


@contextmanager
def _already_ended() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return


@contextmanager
def running_group(*, logs: Path) -> Iterator[Group]:
    """Give a group whose members have all ended when the block is left."""
    group = Group(logs=logs)
    try:
        yield group
    finally:
        group.close()
