"""The program behind `jobs.confinement`: reads calls, does each in a fork with limits, writes the answers.

One line of JSON for each call and for each answer. It ends, with the call that it is at, when its input ends,
as it does when its owner dies.
"""

import ctypes
import importlib
import json
import math
import os
import resource
import select
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from jobs import memory
from jobs.overgrowth import DEATHS, NEAR, go_first

LOOK_SECONDS = 0.02
"""Memory is looked at so often. A process fills some tens of megabytes at most in that time."""
HARD_TIMES = 3
"""The system refuses memory at so many times the limit: what grows by doubling has that much for a moment."""
ANSWER_BYTES = 1 << 16
PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when its parent dies."""


def serve(calls: BinaryIO, answers: BinaryIO) -> None:
    """Do one call after the other until there are no more."""
    for line in iter(calls.readline, b""):
        answer = _Call(json.loads(line)).answer(calls)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


class _Call:
    """One call, done in a fork of this process."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._limits = asked["limits"]
        self._most = int(self._limits["megabytes"] * (1 << 20))
        self._until = time.monotonic() + self._limits["seconds"]
        self._parts: list[bytes] = []
        self._taken = 0
        """The most memory that it was seen with."""
        reading, writing = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(reading)
            _do(asked, most=self._most, writing=writing)
        os.close(writing)
        self._reading = reading

    def answer(self, calls: BinaryIO) -> dict[str, Any]:
        """Return what came of it; it is ended when it takes too much or nobody waits for it any more."""
        bound = self._watch(calls)
        _kill(self._process)  # and what it started itself
        _, status = os.waitpid(self._process, 0)
        os.close(self._reading)
        if bound:
            return {"bound": bound}
        with suppress(ValueError):
            said: dict[str, Any] = json.loads(b"".join(self._parts))
            return said
        return self._end_of(os.waitstatus_to_exitcode(status))

    def _end_of(self, code: int) -> dict[str, Any]:
        """Return what is to be said of an end with this exit code and without an answer."""
        if code == -signal.SIGXCPU:
            return {"bound": "cpu"}
        if code in DEATHS and self._taken >= NEAR * self._most:
            return {"bound": "memory"}  # a library was refused it, or the system had none left
        return {"crash": f"ended by {signal.Signals(-code).name}" if code < 0 else "ended without an answer"}

    def _watch(self, calls: BinaryIO) -> str | None:
        """Read the answer until it ends; return which limit it ran into, "" when its owner is gone."""
        poll = select.poll()
        poll.register(self._reading, select.POLLIN)
        poll.register(calls, select.POLLHUP)
        began_with = _bytes_of(self._process)
        while True:
            ready = dict(poll.poll(LOOK_SECONDS * 1000))
            if calls.fileno() in ready:
                return ""
            if self._reading in ready:
                if not (part := os.read(self._reading, ANSWER_BYTES)):
                    return None
                self._parts.append(part)
            self._taken = max(self._taken, _bytes_of(self._process) - began_with)
            if self._taken > self._most:
                return "memory"
            if time.monotonic() > self._until:
                return "time"


def _do(asked: dict[str, Any], *, most: int, writing: int) -> None:
    """Do the call and end this process."""
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        go_first()
        _limit(asked["limits"]["cpu_seconds"], most=most)
        try:
            module, _, name = asked["function"].partition(":")
            said = {"result": getattr(importlib.import_module(module), name)(**asked["arguments"])}
        except MemoryError:
            said = {"bound": "memory"}
        except Exception as error:  # noqa: BLE001  (whatever it is: its owner tells)
            said = {"crash": _place_of(error)}
        with os.fdopen(writing, "wb") as stream:
            stream.write(json.dumps(said).encode())
    finally:
        os._exit(0)


def _limit(cpu_seconds: float, *, most: int) -> None:
    seconds = math.ceil(cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if wanted := memory.wanted_bytes():
        resource.setrlimit(resource.RLIMIT_DATA, (wanted + HARD_TIMES * most, resource.RLIM_INFINITY))


def _place_of(error: Exception) -> str:
    """Return the error's type and place; its words may quote what is in the file."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, {last.filename}:{last.lineno}"


def _bytes_of(process: int) -> int:
    """Return what a process and those that it started have in memory; 0 when it has ended."""
    taken = 0
    with suppress(psutil.Error):
        taken = memory.own_bytes(process)
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            taken += sum(_bytes_of(int(child)) for child in (task / "children").read_text().split())
    return taken


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)  # it may have had no time to become a group of its own
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def main(preload: list[str]) -> None:
    """Import the modules `preload`, then serve standard input and output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    for module in preload:
        importlib.import_module(module)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())  # what a library prints is no answer
    os.dup2(nowhere, sys.stderr.fileno())  # and may quote what is in a file
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main(sys.argv[1:])
