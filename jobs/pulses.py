"""A process's sign of life to the one that watches over it: its id, once a second, through a pipe.

No database and no broker stands between the two: while those are away nobody is taken for hung.
"""

import os
import stat
import struct
import threading
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

PULSE_SECONDS = 1.0
SILENT_SECONDS = 10.0
"""A process that was silent for so long stands still. Leases of the usual eight seconds ended before."""
FIRST_SECONDS = 60.0
"""A process that has given no sign of life yet, and used no processor time for so long, will not begin."""
ABSENT_SECONDS = 3.0
"""A listener that did not listen for so long stood still itself, and cannot tell who else did."""
READ_BYTES = 4096
PROCESS = struct.Struct("=i")


def make_pipe(path: Path) -> None:
    """Make the named pipe, where it is not there already.

    Raises:
        OSError: something else has that name, or the folder cannot be written.
    """
    with suppress(FileExistsError):
        os.mkfifo(path, mode=0o600)
    if not stat.S_ISFIFO(path.stat().st_mode):
        raise OSError(0, f"{path} is no pipe")


class Pulse:
    """Tells whoever listens at a pipe that this process runs, from a thread of its own.

    The thread falls silent when the process is stopped, and when native code keeps the interpreter's lock.
    The pipe is opened anew each time: a listener that died is followed by another one, and until then a sign
    of life goes nowhere.
    """

    def __init__(self, *, to: Path) -> None:
        """Prepare to write into the pipe of the name `to`."""
        self._pipe = to

    def start(self) -> None:
        """Begin; it ends with the process."""
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.beat()
            time.sleep(PULSE_SECONDS)

    def beat(self) -> None:
        """Give one sign of life; that nobody listens, or that the pipe is full, is no reason to wait."""
        with suppress(OSError):
            pipe = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, PROCESS.pack(os.getpid()))
            finally:
                os.close(pipe)


class Listener:
    """Hears the signs of life of other processes on this machine."""

    def __init__(self, ears: Iterable[int]) -> None:
        """Listen at the reading ends `ears` of some pipes."""
        self._ears = list(ears)
        for ear in self._ears:
            os.set_blocking(ear, False)
        self._heard_at: dict[int, float] = {}
        self._have_begun: set[int] = set()
        self._used: dict[int, float] = {}
        """Processor time of those that have not, in seconds."""
        self._listened_at = 0.0

    @classmethod
    def at(cls, pipes: Iterable[Path]) -> "Listener":
        """Listen at the named `pipes`; nobody else may read from them meanwhile."""
        return cls(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK) for pipe in pipes)

    def expect(self, process: int, *, age_seconds: float, now: float) -> None:
        """Count the silence of `process` from now: it gave signs before, to another listener.

        One that is so young that it may not have begun gets the rest of a minute.
        """
        self._heard_at[process] = now + max(0.0, FIRST_SECONDS - SILENT_SECONDS - age_seconds)
        if age_seconds >= FIRST_SECONDS:
            self._have_begun.add(process)

    def silent(self, processes: Collection[int], *, now: float) -> set[int]:
        """Return those of `processes`, by id, that stand still; call it every second or more often.

        `now` is in seconds of a clock that never goes back. Others are forgotten: ids are used again. One
        that begins slowly, as all do on a host that has much to do, does not stand still.
        """
        heard = self._heard()
        self._have_begun = (self._have_begun | heard) & set(processes)
        getting_on = self._getting_on(set(processes) - self._have_begun)
        if now - self._listened_at > ABSENT_SECONDS:
            self._heard_at = {process: max(now, at) for process, at in self._heard_at.items()}
        self._listened_at = now
        first = now + FIRST_SECONDS - SILENT_SECONDS
        known = {**self._heard_at, **dict.fromkeys(getting_on, first), **dict.fromkeys(heard, now)}
        self._heard_at = {process: known.get(process, first) for process in processes}
        return {process for process, at in self._heard_at.items() if now - at >= SILENT_SECONDS}

    def _getting_on(self, beginners: Collection[int]) -> set[int]:
        """Return those of `beginners` that have used processor time since the last look."""
        before = self._used
        self._used = {process: _processor_seconds(process) for process in beginners}
        return {process for process, used in self._used.items() if used > before.get(process, 0.0)}

    def _heard(self) -> set[int]:
        return {process for ear in self._ears for process in _read(ear)}

    def close(self) -> None:
        """Hear nothing any more."""
        for ear in self._ears:
            os.close(ear)


def _processor_seconds(process: int) -> float:
    """Return the processor time that `process` has used; none where it has ended or is not ours."""
    try:
        used = psutil.Process(process).cpu_times()
    except psutil.Error:
        return 0.0
    return float(used.user + used.system)


class ChildrenListener(Listener):
    """Hears the processes that this one forks, through a pipe without a name."""

    def __init__(self) -> None:
        """Open the pipe, before the first child is forked."""
        ear, self._pipe = os.pipe()
        super().__init__([ear])

    @property
    def pipe(self) -> Path:
        """What a child opens to write into the pipe: it has it from us."""
        return Path(f"/dev/fd/{self._pipe}")

    def close(self) -> None:
        """Close both ends."""
        super().close()
        os.close(self._pipe)


def _read(ear: int) -> set[int]:
    heard: set[int] = set()
    while True:
        try:
            words = os.read(ear, READ_BYTES)
        except BlockingIOError:
            return heard
        if not words:  # nobody has it open at the moment
            return heard
        heard.update(process for (process,) in PROCESS.iter_unpack(words))
