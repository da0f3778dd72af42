"""Workers whose supervisor died: they go on, and the next supervisor of the host finds them."""

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from operator import itemgetter
from pathlib import Path

import psutil

from jobs.posts import NO_CODE

LOOK_SECONDS = 0.05
PULSE_OPTION = "--pulse-to="
POOL_OPTION = "--pool="
PLACE_OPTION = "--place="


class Adopted:
    """A worker that somebody else started. A process that got its id after its end is never touched.

    psutil holds the id together with the time when the process began. What ended the worker only its parent
    is told: see `NO_CODE`.
    """

    def __init__(self, process: psutil.Process, *, pool: str | None = None, place: int = 0) -> None:
        """Take on `process`, which was started with `pool` at that `place`."""
        self._process = process
        self.pool = pool
        self.place = place

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def age_seconds(self) -> float:
        """How long ago it began."""
        return max(0.0, time.time() - self._process.create_time())

    def poll(self) -> int | None:
        """Return None while it lives, else that its code is not known."""
        try:
            lives = self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            lives = False
        return None if lives else NO_CODE

    def terminate(self) -> None:
        """Ask it to finish what it works on and end."""
        with suppress(psutil.NoSuchProcess):
            self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        with suppress(psutil.NoSuchProcess):
            self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, `timeout` seconds at most.

        Raises:
            subprocess.TimeoutExpired: it lives on.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired([str(self.pid)], timeout or 0)
            time.sleep(LOOK_SECONDS)
        return code


def find_workers(pipes: Mapping[str, Path]) -> dict[str, list[Adopted]]:
    """Return the workers that live of some lanes, by lane, oldest first; `pipes` are those of their pulses.

    They are known by their command, which names the pipe: so from their first moment on, without a file that
    could be stale, and without those of another folder.
    """
    lanes = {f"{PULSE_OPTION}{pipe}": lane for lane, pipe in pipes.items()}
    matching = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = process.cmdline()
            lane = next((lanes[word] for word in command if word in lanes), None)
            if lane is not None and process.uids().effective == os.geteuid():
                place = _said(command, PLACE_OPTION) or "0"
                worker = Adopted(process, pool=_said(command, POOL_OPTION), place=int(place))
                matching.append((process.create_time(), process.ppid(), lane, worker))
    ids = {worker.pid for *_, worker in matching}
    found: defaultdict[str, list[Adopted]] = defaultdict(list)
    for _, parent, lane, worker in sorted(matching, key=itemgetter(0)):
        if parent not in ids:  # a worker's forked children have its command
            found[lane].append(worker)
    return dict(found)


def _said(command: list[str], option: str) -> str | None:
    """Return what `command` gives for `option`."""
    return next((word.removeprefix(option) for word in command if word.startswith(option)), None)
