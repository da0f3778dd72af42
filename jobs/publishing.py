"""Ringing doorbells: broker messages that say that a lane has work, and carry nothing else."""

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger()

# The broker may be down: then we say so at once and supervision rings later.
UNREACHABLE = (OperationalError, OSError)


def ring(*, lane: str, kind: str, times: int = 1) -> bool:
    """Send `times` doorbells of `kind` to `lane` and return whether the broker took them.

    A doorbell may get lost or come twice: whoever answers finds its work in the database.
    """
    if times < 1:
        return True
    try:
        with current_app.producer_or_acquire() as producer:
            for _ in range(times):
                current_app.send_task(
                    kind, args=[lane], queue=lane, producer=producer, retry=False, ignore_result=True
                )
    except UNREACHABLE as error:
        log.warning("ring_failed", lane=lane, kind=kind, times=times, error=type(error).__name__)
        return False
    return True


def depth(*, lane: str) -> int | None:
    """Return how many doorbells wait in the lane's queue; None when the broker does not answer."""
    try:
        with current_app.connection_or_acquire() as connection:
            channel = connection.default_channel
            return int(channel.queue_declare(queue=lane, durable=True, auto_delete=False).message_count)
    except UNREACHABLE as error:
        log.warning("depth_unknown", lane=lane, error=type(error).__name__)
        return None
