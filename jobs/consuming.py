"""How a worker consumes its lane's queue: nothing that the broker does may leave the lane standing still."""

import threading
from collections.abc import Callable
from functools import partial
from logging import Logger
from typing import Any, ClassVar

from celery.bootsteps import CLOSE, TERMINATE  # type: ignore[attr-defined]  # its stubs lack them
from celery.worker import consumer
from kombu import Connection

LONGEST_PAUSE_SECONDS = 2
GROWING_SECONDS = 0.01
"""From one child to the next while a pool grows: the loop does other things between them."""


class Consumer(consumer.Consumer):
    """Celery's consumer but for four things.

    Its pause would grow to 30 seconds while the broker is away, and codes would wait for it later.
    A doorbell that cannot be acknowledged would stay in hand; with one for each slot, no more are taken.
    Quorum queues would come with 28 queues for delayed messages; our delays are in the database.
    Celery's own way to another number of slots knows no threads and no quorum queues.
    """

    _slots_asked: int | None = None
    _asking: ClassVar = threading.Lock()  # there is one consumer in a process
    # Its stubs lack them.
    _update_prefetch_count: Callable[[int], object]
    blueprint: Any
    connection: Any
    hub: Any
    qos: Any
    qos_global: bool
    task_consumer: Any

    class Blueprint(consumer.Consumer.Blueprint):  # type: ignore[misc,valid-type]  # its stubs have a variable
        """What a consumer is made of."""

        default_steps: ClassVar = [
            step for step in consumer.Consumer.Blueprint.default_steps if "delayed_delivery" not in step
        ]

    @property
    def is_ending(self) -> bool:
        """Whether the worker was asked to end."""
        return self.blueprint.state in {CLOSE, TERMINATE}

    def ask_for(self, slots: int) -> None:
        """Let the pool have so many `slots` at the loop's next turn; may be called by any thread."""
        with self._asking:
            is_new, self._slots_asked = self._slots_asked is None, slots
        if is_new:
            self.hub.call_soon(self._follow)

    def _follow(self) -> None:
        with self._asking:
            slots, self._slots_asked = self._slots_asked, None
        if self.is_ending:  # what was asked for last comes when the loop is closed; the pool has gone by then
            return
        if slots is not None:
            self.resize(slots)
        if self.pool.is_growing:
            self._go_on_growing()

    def _go_on_growing(self) -> None:
        with self._asking:
            if self._slots_asked is None:
                self._slots_asked = self.pool.num_processes
                # What the loop asks itself for "soon" waits until something happens, a second at most.
                self.hub.call_later(GROWING_SECONDS, self._follow)

    def resize(self, slots: int) -> None:
        """Let the pool have so many `slots` and take as many doorbells ahead; to be called in the loop."""
        change = slots - self.pool.num_processes
        self.pool.resize(slots)
        if not change:
            return
        self._update_prefetch_count(change)
        if self.connection.transport.driver_type == "amqp" and not self.qos_global:
            # With quorum queues RabbitMQ holds the number for consumers that begin after it was told.
            self.qos.update()
            self.task_consumer.cancel()
            self.task_consumer.consume()

    def ensure_connected(self, conn: Connection) -> Connection:
        """Return `conn` once the broker answers; it is asked again every two seconds at least."""
        conn.ensure_connection = partial(  # type: ignore[method-assign]  # Celery passes no pause on
            conn.ensure_connection, interval_start=1, interval_step=1, interval_max=LONGEST_PAUSE_SECONDS
        )
        connected: Connection = super().ensure_connected(conn)
        return connected

    def call_soon_ack(
        self, p: Callable[..., object], logger: Logger, _errors: object, *args: Any, **kwargs: Any
    ) -> object:
        """Let `p` acknowledge or reject; where it fails the connection is given up, and a new one begun."""
        return super().call_soon_ack(p, logger, (), *args, **kwargs)  # type: ignore[misc]  # its stubs lack it
