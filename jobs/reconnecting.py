"""How a worker looks for a broker that is away: often and for ever, so that no code waits for it later."""

from functools import partial

from celery.worker import consumer
from kombu import Connection

LONGEST_PAUSE_SECONDS = 2


class Consumer(consumer.Consumer):
    """Celery's consumer, but for its pause, which would grow to 30 seconds while the broker is away."""

    def ensure_connected(self, conn: Connection) -> Connection:
        """Return `conn` once the broker answers; it is asked again every two seconds at least."""
        conn.ensure_connection = partial(  # type: ignore[method-assign]  # Celery passes no pause on
            conn.ensure_connection, interval_start=1, interval_step=1, interval_max=LONGEST_PAUSE_SECONDS
        )
        connected: Connection = super().ensure_connected(conn)
        return connected
