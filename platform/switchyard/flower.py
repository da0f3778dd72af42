"""The Celery application as Flower uses it: its pages list every lane, also one that has no worker.

Flower by itself lists the queues of the workers that it found when it started, and others only when it found
none.
"""

from flower.views import BaseHandler

from switchyard.celery import app

__all__ = ["app"]


def every_lane(handler: BaseHandler) -> list[str]:
    """Return the queues whose depths a page of Flower shows."""
    return sorted(queue.name for queue in handler.capp.conf.task_queues)


BaseHandler.get_active_queue_names = every_lane
