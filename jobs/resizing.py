"""A worker follows what its lane is to have: for another number of workers, other slots at once."""

import threading
from collections.abc import Callable
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
    on_resized: Callable[[int], object],
    on_other_pool: Callable[[], object] | None,
) -> None:
    """Let the pool of `consumer` have the slots that `worker`, this process, is to have in `lane`.

    Works from a thread of its own, and tells `on_resized` each new number. No process can change its kind of
    pool: where the settings want another one that is told once to `on_other_pool`, if anybody wants to know,
    and ends this.
    """
    size = Size(consumer, on_resized=on_resized)

    def run() -> None:
        pause = threading.Event()
        while not consumer.is_ending:
            wanted = switchyard().lanes[lane.name]
            if wanted.pool != lane.pool and on_other_pool is not None:
                on_other_pool()
                return
            if wanted.pool == lane.pool:
                _follow(size, lane=wanted, worker=worker)
            pause.wait(LOOK_SECONDS)

    threading.Thread(target=run, name="size", daemon=True).start()


def _follow(size: "Size", *, lane: Lane, worker: str) -> None:
    try:
        size.want(_that_fit(slots_of(worker, lane=lane, now=timezone.now()), lane=lane, there=size.slots))
    except Exception:
        # Whatever it was, the next look is the remedy; the connection may be broken.
        log.exception("size_not_followed", worker=worker)
        connection.close()


def _that_fit(slots: int, *, lane: Lane, there: int) -> int:
    if lane.pool != "prefork" or slots <= there:
        return slots
    spare = round(switchyard().supervision.spare_megabytes * MEGABYTE)
    return memory.that_fit(slots, there=there, room=memory.available_bytes() - spare)


class Size:
    """The size of one worker's pool."""

    def __init__(self, consumer: Any, *, on_resized: Callable[[int], object]) -> None:
        """Watch over the pool of `consumer`, and tell `on_resized` each new number of slots."""
        self._consumer = consumer
        self._on_resized = on_resized
        self._told = self.slots

    @property
    def slots(self) -> int:
        """How many slots the pool is to have."""
        pool: Pool = self._consumer.pool
        return pool.num_processes

    def want(self, slots: int) -> None:
        """Let the loop of the worker change its pool where that has not `slots`, or is not settled yet."""
        if slots != self._told:
            log.info("worker_resized", before=self._told, slots=slots)
            self._on_resized(slots)
            self._told = slots
        if slots != self.slots or not self._consumer.pool.is_settled:
            self._consumer.ask_for(slots)
