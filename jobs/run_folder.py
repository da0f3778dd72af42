"""The run folder of this host: each lane's lock of who keeps it at work, and its pipe for signs of life."""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from jobs.pulses import make_pipe


class NoRunFolder(Exception):
    """The folder cannot be used; the sentence says why and what to do."""


class KeptAlready(Exception):
    """Another supervisor of this host that lives keeps the lane at work; the sentence names it."""


class RunFolder:
    """Locks and pipes by which supervisors of one host, one after the other, keep the same workers at work.

    It must be this host's alone: neither locks nor pipes reach beyond.
    """

    def __init__(self, path: Path) -> None:
        """Use the folder `path`; nothing is made before `keep`."""
        self._path = path
        self._locks: list[int] = []

    def pulses(self, lane: str) -> Path:
        """Return the pipe into which the workers of `lane` give signs of life."""
        return self._path / f"{lane}.pulses"

    def keep(self, lanes: Iterable[str]) -> None:
        """Take the locks of `lanes`, which end with this process however it ends, and make their pipes.

        Raises:
            KeptAlready: another supervisor has one of them.
            NoRunFolder: the folder cannot be made or written.
        """
        try:
            for lane in lanes:
                self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._lock(lane)
                make_pipe(self.pulses(lane))
        except OSError as error:
            message = (
                f"SWITCHYARD_RUN is {str(self._path)!r}, which cannot be used ({error.strerror}). "
                "Name a folder of this host alone that is there or can be made, and that we may write."
            )
            raise NoRunFolder(message) from error

    def _lock(self, lane: str) -> None:
        path = self._path / f"{lane}.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._locks.append(lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
            message = (
                f"A supervisor (process {holder}) keeps the lane {lane} at work on this host already "
                f"({path}). End that one first, or leave it the lane: --only=LANE keeps another one, "
                "--without-workers only sweeps."
            )
            raise KeptAlready(message) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        """Give the locks back."""
        for lock in self._locks:
            os.close(lock)
        self._locks = []
