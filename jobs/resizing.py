"""A worker follows what its lane is to have: for another number of workers, other slots at once."""

import threading
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from django.db import connection
from django.db.utils import Error as DatabaseError
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

    def run() -> None:
        pause = threading.Event()
        while True:
            wanted = switchyard().lanes[lane.name]
            if wanted.pool == lane.pool:
                _follow(consumer, lane=wanted, worker=worker, on_resized=on_resized)
            elif on_other_pool is not None:
                on_other_pool()
                return
            pause.wait(LOOK_SECONDS)

    threading.Thread(target=run, name="size", daemon=True).start()


def _follow(consumer: Any, *, lane: Lane, worker: str, on_resized: Callable[[int], object]) -> None:
    try:
        slots = slots_of(worker, lane=lane, now=timezone.now())
    except DatabaseError as error:
        log.warning("slots_unknown", worker=worker, error=type(error).__name__)
        connection.close()
        return
    there = consumer.pool.num_processes
    if lane.pool == "prefork" and slots > there:
        slots = memory.that_fit(
            slots,
            there=there,
            available=memory.available_bytes(),
            spare=round(switchyard().supervision.spare_megabytes * MEGABYTE),
            each=memory.bytes_of_children(),
        )
    fit(consumer, slots=slots, on_resized=on_resized)


def fit(consumer: Any, *, slots: int, on_resized: Callable[[int], object]) -> None:
    """Let the loop of `consumer` change its pool where that has not `slots`, or is not settled yet."""
    pool: Pool = consumer.pool
    if slots != pool.num_processes:
        log.info("worker_resized", before=pool.num_processes, slots=slots)
        on_resized(slots)
    if slots != pool.num_processes or not pool.is_settled:
        consumer.hub.call_soon(consumer.resize, slots)
