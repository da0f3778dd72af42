"""Whether a process lives: one that only waits for its parent to notice its end has ended."""

import time

import psutil

LOOK_SECONDS = 0.05


def lives(pid: int) -> bool:
    """Say whether the process has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_end(pid: int, *, seconds: float) -> bool:
    """Wait for the end of the process, `seconds` at most, and return whether it has ended."""
    deadline = time.monotonic() + seconds
    while lives(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True
