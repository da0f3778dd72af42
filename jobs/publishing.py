"""Ringing doorbells: broker messages that say that a lane has work, and carry nothing else."""

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from jobs.confirming import NotTaken, confirmed, patient
from jobs.measures import RING, RINGS_FAILED
from jobs.settings import switchyard
from jobs.silences import Silence

log = structlog.get_logger()

ANSWER_SECONDS = 5
"""How long the broker may take to answer, once it is connected; Redis has the same limit in the settings."""

silence = Silence()


def unreachable() -> tuple[type[BaseException], ...]:
    """Return the errors of a broker that is down or full: then we say so and supervision rings later.

    A connection that breaks while it is used raises the errors of the broker's own client.
    """
    connection = current_app.connection_for_write()
    return NotTaken, OperationalError, OSError, *connection.connection_errors, *connection.channel_errors


def ring(*, lane: str, kind: str, times: int = 1) -> bool:
    """Send `times` doorbells of `kind` to `lane` and return whether the broker took them.

    A doorbell may get lost or come twice, also one that we took for refused: whoever answers finds its
    work in the database. A thread that has just waited in vain twice does not wait again at once.
    """
    if times < 1:
        return True
    if silence.lasts():
        log.warning("ring_left_out", lane=lane, kind=kind, times=times)
        RINGS_FAILED.add(lane)
        return False
    began = time.perf_counter()
    try:
        with _producer() as producer, confirmed(producer.channel, messages=times, seconds=ANSWER_SECONDS):
            for _ in range(times):
                current_app.send_task(
                    kind, args=[lane], queue=lane, producer=producer, retry=False, ignore_result=True
                )
    except unreachable() as error:
        log.warning("ring_failed", lane=lane, kind=kind, times=times, error=type(error).__name__)
        RINGS_FAILED.add(lane)
        silence.note(waited_seconds=time.perf_counter() - began)
        return False
    finally:
        RING.observe(time.perf_counter() - began, lane)
    silence.end()
    return True


@contextmanager
def _producer() -> Iterator[Any]:
    """Lend a producer of the pool; one that met an error comes back without its connection."""
    with current_app.producer_or_acquire() as producer:
        try:
            yield producer
        except BaseException:
            producer.connection.collect()
            raise


def ring_on_commit(*, lane: str, kind: str, parts: int = 1) -> None:
    """Ring the lane for `parts` once the caller's transaction is committed; a rollback rings nothing."""
    transaction.on_commit(partial(ring, lane=lane, kind=kind, times=doorbells_for(parts, lane=lane)))


def doorbells_for(parts: int, *, lane: str) -> int:
    """Return how many doorbells it takes for `parts` of `lane`: one for as many as are claimed at once."""
    return math.ceil(parts / switchyard().lanes[lane].claim_parts)


def depths(lanes: Iterable[str]) -> dict[str, int]:
    """Return how many doorbells wait in each lane's queue; a broker that does not answer tells nothing.

    Asks over one connection and stops at the first failure, so that a hanging broker costs one
    time-out and not one for each lane.
    """
    found: dict[str, int] = {}
    try:
        with _producer() as producer, patient(producer.channel, seconds=ANSWER_SECONDS):
            for lane in lanes:
                queue: Any = current_app.amqp.queues[lane]  # declared as workers do: a broker minds
                found[lane] = queue.queue_declare(channel=producer.channel).message_count
    except unreachable() as error:
        log.warning("depths_unknown", error=type(error).__name__)
    return found
