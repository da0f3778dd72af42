"""Work on files from outside, done in processes of their own that may take only so much memory and time.

What reads a stranger's file may crash, never end, or ask for all the memory there is. Here that costs one
process. `jobs.confined` is the program that these processes run; docs/decisions/0016 says why it forks them.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import IO, Any, cast

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")
"""What a confined process sees of our environment: no address or password of ours."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one call may take at most."""

    megabytes: float
    """Memory beyond what the process begins with, its own processes' counted too."""
    cpu_seconds: int
    """Processor time; each of its own processes may take so much."""
    seconds: float
    """Time by the clock."""


class Bound(StrEnum):
    """Which limit a call ran into."""

    MEMORY = "memory"
    CPU = "cpu"
    TIME = "time"


class OutOfBounds(Exception):
    """A call was ended since it wanted more than it may take."""

    def __init__(self, bound: Bound) -> None:
        """Say which limit it ran into."""
        super().__init__(f"ended at its limit of {bound}")
        self.bound = bound


class Crashed(Exception):
    """A call ended without an answer: of a signal, or of an error that nobody expected, which is named."""


class Confinement:
    """Processes that do calls within limits. Threads may share one: each call has a process for itself."""

    def __init__(self, *, preload: Sequence[str], limits: Limits) -> None:
        """Keep the modules `preload` ready, so that a call begins within milliseconds; start nothing yet.

        They must start no thread when they are imported, since calls are done in forks.
        """
        self._preload = list(preload)
        self._limits = limits
        self._lock = threading.Lock()
        self._idle: list[_Room] = []

    def run(self, function: str, arguments: Mapping[str, Any], *, limits: Limits | None = None) -> Any:
        """Return what `function`, as "module:name", makes of `arguments`; both are of JSON's kinds.

        Files are passed by their paths. `limits` are those of this call, in place of the usual ones.

        Raises:
            OutOfBounds: it took more than the limits allow.
            Crashed: it ended without an answer.
        """
        asked = {"function": function, "arguments": arguments, "limits": asdict(limits or self._limits)}
        with self._room() as room:
            answer = room.ask(asked)
        if bound := answer.get("bound"):
            raise OutOfBounds(Bound(bound))
        if "crash" in answer:
            raise Crashed(answer["crash"])
        return answer["result"]

    def close(self) -> None:
        """End the processes that wait for calls; they end with this process too."""
        with self._lock:
            rooms, self._idle = self._idle, []
        for room in rooms:
            room.close()

    @contextmanager
    def _room(self) -> Iterator["_Room"]:
        room = self._waiting_room() or _Room(self._preload)
        try:
            yield room
        except BaseException:
            room.close()
            raise
        with self._lock:
            self._idle.append(room)

    def _waiting_room(self) -> "_Room | None":
        with self._lock:
            while self._idle:
                room = self._idle.pop()
                if room.is_ours:
                    return room
                room.close()
        return None


class _Room:
    """One process that forks another for each call."""

    def __init__(self, preload: Sequence[str]) -> None:
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._owner = os.getpid()
        self._process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, "-m", "jobs.confined", *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # a Ctrl-C is for its owner, with whom it ends
        )

    @property
    def is_ours(self) -> bool:
        """Whether it waits for calls of this process, and not for those of the one that forked it."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._stream(self._process.stdin).write(json.dumps(asked).encode() + b"\n")
            self._stream(self._process.stdin).flush()
            answer = self._stream(self._process.stdout).readline()
        except OSError as error:
            message = "the process that does such calls has ended"
            raise Crashed(message) from error
        if not answer.endswith(b"\n"):
            message = f"the process that does such calls has ended with {self._process.poll()}"
            raise Crashed(message)
        return cast("dict[str, Any]", json.loads(answer))

    def close(self) -> None:
        """End it, and the call that it is at; or forget it, where it is another's."""
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                self._stream(stream).close()
        self._process.wait()

    def _stream(self, stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None  # noqa: S101  (both were asked for)
        return stream
