"""What other apps do again and again, such as looking into folders: one process of all does it, in a thread.

None of it is needed for work to go on, and a folder on a network that hangs keeps no sweep waiting.
"""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import connection
from django.utils import timezone

from jobs.alone import only_one

log = structlog.get_logger()

Act = Callable[..., object]
PAUSE_SECONDS = 2.0
ROUNDS_LOCK = 0x524F_554E  # "ROUN": any number that nothing else in the database locks

_offered: list[Act] = []


def offer(act: Act) -> None:
    """Let supervision call `act(now=…)` every two seconds, in one process at a time.

    It may be killed at any point and may, where its process stood still, go on beside the next one: it must
    do nothing twice by itself.
    """
    if act not in _offered:
        _offered.append(act)


def offered() -> tuple[Act, ...]:
    """Return what was offered."""
    return tuple(_offered)


def make_rounds(*, now: datetime) -> None:
    """Do all once, unless another process is at it; what fails keeps nothing else from being done."""
    with only_one(ROUNDS_LOCK) as is_ours:
        if not is_ours:
            return
        for act in _offered:
            try:
                act(now=now)
            except Exception:  # whatever it was, the next round is the remedy
                log.exception("round_failed")


def keep_making_rounds(stopping: threading.Event) -> None:
    """Make rounds until `stopping` is set."""
    while not stopping.wait(PAUSE_SECONDS):
        try:
            make_rounds(now=timezone.now())
        except Exception:
            # The database is away, or took the lock back; the connection may be broken.
            log.exception("no_round")
            connection.close()
    connection.close()
