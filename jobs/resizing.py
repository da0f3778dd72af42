"""A worker follows what its lane is to have: for another number of workers, other slots at once."""

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import structlog
from django.db import connection
from django.utils import timezone

from jobs import memory
from jobs.lanes import Lane
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.staffing import slots_of

log = structlog.get_logger()

LOOK_SECONDS = 0.3
Told = Callable[[int, int], object]
"""Told how many slots the worker is to have, and how many more only the memory that is kept free forbids."""


class Pool(Protocol):
    """What we need of `jobs.threads.Threads` and `jobs.forks.Forks`."""

    @property
    def num_processes(self) -> int:
        """How many slots it is to have."""

    @property
    def is_settled(self) -> bool:
        """Whether it has them, and no others."""


def keep_size(
    consumer: Any,
    *,
    lane: Lane,
    worker: str,
    on_told: Told,
    on_other_pool: Callable[[], object] | None,
) -> None:
    """Let the pool of `consumer` have the slots that `worker`, this process, is to have in `lane`.

    Works from a thread of its own, and lets `on_told` know what is new. No process can change its kind of
    pool: where the settings want another one that is told once to `on_other_pool`, if anybody wants to know,
    and ends this.
    """
    size = Size(consumer, on_told=on_told)

    def run() -> None:
        pause = threading.Event()
        while not consumer.is_ending:
            wanted = switchyard().lanes[lane.name]
            if wanted.pool != lane.pool and on_other_pool is not None:
                on_other_pool()
                return
            if wanted.pool == lane.pool:
                follow(size, lane=wanted, worker=worker)
            pause.wait(LOOK_SECONDS)

    threading.Thread(target=run, name="size", daemon=True).start()


def follow(size: "Size", *, lane: Lane, worker: str) -> None:
    """Let `size` be what `worker` is to have in `lane` now, as far as there is memory."""
    try:
        wanted = slots_of(worker, lane=lane, now=timezone.now())
        slots, kept_back = _that_fit(wanted, lane=lane, there=size.slots)
        size.want(slots, kept_back=kept_back)
    except Exception:
        # Whatever it was, the next look is the remedy; the connection may be broken.
        log.exception("size_not_followed", worker=worker)
        connection.close()


def slots_at_start(lane: Lane) -> int:
    """Return with how many of the lane's slots a worker begins: with children those that fit, one at least.

    It goes on from there as it grows later, and tells then what is kept back.
    """
    slots, _ = _that_fit(lane.workers, lane=lane, there=0)
    return max(1, slots)


def _that_fit(slots: int, *, lane: Lane, there: int) -> tuple[int, int]:
    """Return how many of the `slots` fit, and how many more only the memory that is kept free forbids."""
    if lane.pool != "prefork" or slots <= there:
        return slots, 0
    spare = round(switchyard().supervision.spare_megabytes * MEGABYTE)
    left, each = memory.available_bytes(), cache(memory.largest_child_bytes)  # that takes its time
    fit, would_fit = (
        memory.that_fit(slots, there=there, room=room, each=each) for room in (left - spare, left)
    )
    return fit, would_fit - fit


class Size:
    """The size of one worker's pool."""

    def __init__(self, consumer: Any, *, on_told: Told) -> None:
        """Watch over the pool of `consumer`; `on_told` knows of the slots that it has now."""
        self._consumer = consumer
        self._on_told = on_told
        self._told = (self.slots, 0)

    @property
    def slots(self) -> int:
        """How many slots the pool is to have."""
        pool: Pool = self._consumer.pool
        return pool.num_processes

    def want(self, slots: int, *, kept_back: int = 0) -> None:
        """Let the loop of the worker change its pool where that has not `slots`, or is not settled yet.

        So many more are `kept_back`.
        """
        if (slots, kept_back) != self._told:
            log.info("worker_resized", before=self._told[0], slots=slots, kept_back=kept_back)
            self._on_told(slots, kept_back)
            self._told = (slots, kept_back)
        if slots != self.slots or not self._consumer.pool.is_settled:
            self._consumer.ask_for(slots)
