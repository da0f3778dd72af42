"""What a confined call may do, for the tests: each in its own way."""

import ctypes
import os
import subprocess
import sys
import time
from typing import Any


def echo(**given: Any) -> dict[str, Any]:
    return given


def process() -> int:
    return os.getpid()


def environment() -> list[str]:
    return sorted(os.environ)


def fill(megabytes: int) -> int:
    kept = [b"x" * (1 << 20) for _ in range(megabytes)]
    return len(kept)


def fill_elsewhere(megabytes: int) -> int:
    return subprocess.call([sys.executable, "-c", f"x = [b'x' * (1 << 20) for _ in range({megabytes})]"])


def turn() -> None:
    while True:
        pass


def sleep(seconds: float, leave_in: str = "") -> None:
    if leave_in:
        with open(leave_in, "w") as file:  # noqa: PTH123  (as plain as can be)
            file.write(str(os.getpid()))
    time.sleep(seconds)


def break_down() -> None:
    ctypes.string_at(0)


def fail(secret: str) -> None:
    raise ValueError(secret)


def leave() -> None:
    os._exit(0)


def chatter() -> str:
    print("not an answer")  # noqa: T201
    os.write(2, b"nor this\n")
    return "the answer"
