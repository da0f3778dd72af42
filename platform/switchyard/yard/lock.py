"""One yard for each var/ folder: a locked file that also says who holds it."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from switchyard.yard import CannotRun
from switchyard.yard.living import lives

CLEANING_SECONDS = 10


class AlreadyRunning(CannotRun):
    """Another yard uses the same var/ folder."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds the lock."""

    pid: int
    group: int
    """The process group of everything that the yard started."""
    home: str
    """The platform's address."""


class Lock:
    """The lock of a var/ folder. The watcher shares it, so it is free when all processes have ended."""

    def __init__(self, *, path: Path) -> None:
        """Take the lock.

        Raises:
            AlreadyRunning: a yard that lives holds it, or one that was killed is still being cleaned up.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._take()
        self.last_holder = self._holder()

    def _take(self) -> None:
        deadline = time.monotonic() + CLEANING_SECONDS
        while not _is_taken(self.descriptor):
            holder = self._holder()
            if (holder is not None and lives(holder.pid)) or time.monotonic() > deadline:
                raise AlreadyRunning(_sentence(holder))
            time.sleep(0.1)

    def _holder(self) -> Holder | None:
        content = os.pread(self.descriptor, 4096, 0)
        try:
            return Holder(**json.loads(content))
        except (ValueError, TypeError):
            return None

    def note(self, holder: Holder) -> None:
        """Write who holds the lock, for those that find it taken."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, json.dumps(asdict(holder)).encode(), 0)


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sentence(holder: Holder | None) -> str:
    if holder is None:
        return "A yard is just starting or ending in this folder; try again in a moment."
    return (
        f"The yard of this folder runs already, at {holder.home} (process {holder.pid}). "
        f"End it with Ctrl-C where it runs, or: kill {holder.pid}. "
        "To run a second one, use another checkout, or set SWITCHYARD_VAR and SWITCHYARD_WEB_PORT."
    )
