"""A process's sign of life to the one that watches over it: its id, once a second, through a pipe.

No database and no broker stands between the two: while those are away nobody is taken for hung.
"""

import os
import stat
import struct
import threading
from collections.abc import Collection

PULSE_SECONDS = 1.0
SILENT_SECONDS = 10.0
"""A process that was silent for so long stands still. Leases of the usual eight seconds ended before."""
FIRST_SECONDS = 60.0
"""What a process gets until its first sign of life."""
ABSENT_SECONDS = 3.0
"""A listener that did not listen for so long stood still itself, and cannot tell who else did."""
READ_BYTES = 4096
PROCESS = struct.Struct("=i")


class NoPipe(Exception):
    """What was given as a pipe is none."""


class Pulse:
    """Tells the listener at the other end of a pipe that this process runs, from a thread of its own.

    The thread falls silent when the process is stopped, and when native code keeps the interpreter's lock.
    """

    def __init__(self, *, pipe: int) -> None:
        """Prepare to write into the file descriptor `pipe`.

        Raises:
            NoPipe: it is no pipe that is open here.
        """
        try:
            is_pipe = stat.S_ISFIFO(os.fstat(pipe).st_mode)
        except OSError:
            is_pipe = False
        if not is_pipe:
            message = f"File descriptor {pipe} is no pipe."
            raise NoPipe(message)
        self._pipe = pipe

    def start(self) -> None:
        """Begin; it ends with the process, or when nobody can listen any more."""
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while self.beat():
            pause.wait(PULSE_SECONDS)

    def beat(self) -> bool:
        """Give one sign of life and return whether someone may hear it; a full pipe is no reason to wait."""
        try:
            os.write(self._pipe, PROCESS.pack(os.getpid()))
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True


class Listener:
    """Hears the signs of life of other processes on this machine, which write into its `pipe`."""

    def __init__(self) -> None:
        """Open the pipe."""
        self._ear, self.pipe = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self.pipe, False)
        self._heard_at: dict[int, float] = {}
        self._listened_at = 0.0

    def silent(self, processes: Collection[int], *, now: float) -> set[int]:
        """Return those of `processes`, by id, that stand still; call it every second or more often.

        `now` is in seconds of a clock that never goes back. Others are forgotten: ids are used again.
        """
        heard = self._heard()
        if now - self._listened_at > ABSENT_SECONDS:
            self._heard_at = {process: max(now, at) for process, at in self._heard_at.items()}
        self._listened_at = now
        first = now + FIRST_SECONDS - SILENT_SECONDS
        self._heard_at = {
            process: now if process in heard else self._heard_at.get(process, first) for process in processes
        }
        return {process for process, at in self._heard_at.items() if now - at >= SILENT_SECONDS}

    def _heard(self) -> set[int]:
        heard: set[int] = set()
        while True:
            try:
                words = os.read(self._ear, READ_BYTES)
            except BlockingIOError:
                return heard
            heard.update(process for (process,) in PROCESS.iter_unpack(words))

    def close(self) -> None:
        """Close both ends."""
        os.close(self._ear)
        os.close(self.pipe)
