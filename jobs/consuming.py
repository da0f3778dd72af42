"""How a worker consumes its lane's queue: it looks for a broker that is away often and for ever."""

from functools import partial
from typing import ClassVar

from celery.worker import consumer
from kombu import Connection

LONGEST_PAUSE_SECONDS = 2


class Consumer(consumer.Consumer):
    """Celery's consumer but for two things.

    Its pause would grow to 30 seconds while the broker is away, and codes would wait for it later.
    Quorum queues would come with 28 queues for delayed messages; our delays are in the database.
    """

    class Blueprint(consumer.Consumer.Blueprint):  # type: ignore[misc,valid-type]  # its stubs have a variable
        """What a consumer is made of."""

        default_steps: ClassVar = [
            step for step in consumer.Consumer.Blueprint.default_steps if "delayed_delivery" not in step
        ]

    def ensure_connected(self, conn: Connection) -> Connection:
        """Return `conn` once the broker answers; it is asked again every two seconds at least."""
        conn.ensure_connection = partial(  # type: ignore[method-assign]  # Celery passes no pause on
            conn.ensure_connection, interval_start=1, interval_step=1, interval_max=LONGEST_PAUSE_SECONDS
        )
        connected: Connection = super().ensure_connected(conn)
        return connected
