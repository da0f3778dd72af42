"""A worker that takes no doorbells though some lie in its queue ends, and another one takes its place."""

import os
import threading
import time
from collections.abc import Callable

import structlog
from celery.signals import task_received
from celery.worker import state

from jobs import publishing
from jobs.quitting import quit_at_once

log = structlog.get_logger()

LOOK_SECONDS = 2.0
DEAF_SECONDS = 20.0
"""Longer than a worker takes to find out that the network forgot its connection, and to make another one."""
ABSENT_SECONDS = 3 * LOOK_SECONDS
"""Who did not look for so long stood still itself, or waited for the broker, and begins anew."""


class Hearing:
    """Judges whether the doorbells in a lane's queue reach this worker.

    A worker with nothing in hand takes every doorbell at once, also in a lane that is paused or limited: it
    finds out then that there is nothing to claim. Ending one that took none loses nothing, even by mistake.
    Honest limit: one that still has a doorbell in hand is not judged; what it works on has a time limit.
    """

    def __init__(self, *, doorbells: Callable[[], int | None], is_busy: Callable[[], bool]) -> None:
        """Ask `doorbells` how many lie in the queue, None when the broker cannot tell."""
        self._doorbells = doorbells
        self._is_busy = is_busy
        self._has_heard = False
        self._deaf_since: float | None = None
        self._looked_at = 0.0

    def hear(self, **_: object) -> None:
        """Note that a doorbell came."""
        self._has_heard = True

    def is_deaf(self, *, now: float) -> bool:
        """Say whether none came for long though some were there; call it every two seconds.

        `now` is in seconds of a clock that never goes back.
        """
        has_looked = now - self._looked_at <= ABSENT_SECONDS
        self._looked_at = now
        if self._took_one() or not self._doorbells() or not has_looked:
            self._deaf_since = None
            return False
        self._deaf_since = now if self._deaf_since is None else self._deaf_since
        return now - self._deaf_since >= DEAF_SECONDS

    def _took_one(self) -> bool:
        has_heard, self._has_heard = self._has_heard, False
        return has_heard or self._is_busy()


def keep_hearing(*, lane: str, worker: str, before_the_end: Callable[[], object]) -> None:
    """Let `worker`, this process, end once it does not hear the doorbells of `lane` any more."""
    hearing = Hearing(
        doorbells=lambda: publishing.depths([lane]).get(lane), is_busy=lambda: bool(state.reserved_requests)
    )
    task_received.connect(hearing.hear, weak=False)

    def run() -> None:
        pause = threading.Event()
        while not hearing.is_deaf(now=time.monotonic()):
            pause.wait(LOOK_SECONDS)
        log.error("worker_deaf", worker=worker, lane=lane)
        before_the_end()
        quit_at_once(os.EX_TEMPFAIL)

    threading.Thread(target=run, name="hearing", daemon=True).start()
