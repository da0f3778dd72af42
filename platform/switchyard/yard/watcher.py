"""Leads the yard's process group and ends all of it when the yard is gone, also after kill -9.

It reads from a pipe whose other end only the yard holds: the pipe's end is the yard's end.
"""

import contextlib
import os
import signal
import sys
import time

import psutil

GRACE_SECONDS = 5


def members(group: int) -> list[psutil.Process]:
    """Return the living processes of the process group `group`."""
    return [process for process in psutil.process_iter() if _belongs(process, group=group)]


def _belongs(process: psutil.Process, *, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def end_group(*, grace_seconds: float) -> None:
    """Ask the members of our group to end; after `grace_seconds` kill the group, ourselves included."""
    group = os.getpgrp()
    deadline = time.monotonic() + grace_seconds
    if _others(group):
        os.killpg(group, signal.SIGTERM)
    while _others(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    if _others(group):
        os.killpg(group, signal.SIGKILL)


def _others(group: int) -> list[psutil.Process]:
    return [process for process in members(group) if process.pid != os.getpid()]


def main() -> None:
    """Wait for the end of standard input, then end the group."""
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        sys.stdin.buffer.read()
    end_group(grace_seconds=GRACE_SECONDS)


if __name__ == "__main__":
    main()
