"""The Celery application: its messages are doorbells, its workers answer them."""

from typing import Any

from celery import Celery
from kombu import Exchange, Queue

app = Celery("switchyard")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Else a thread that did not import us, such as the web's, may publish to nowhere with an app of Celery's own.
app.set_default()


@app.on_after_configure.connect
def declare_lanes(sender: Celery, **_: Any) -> None:
    """Declare each lane's queue, so that Flower lists it even before a worker has told of it."""
    from django.conf import settings  # noqa: PLC0415  (the settings import this package)

    given: dict[str, Any] = settings.SWITCHYARD
    lanes = given.get("lanes") or ()
    is_quorum = sender.conf.task_create_missing_queue_type == "quorum"
    arguments = {"x-queue-type": "quorum"} if is_quorum else None
    sender.conf.task_queues = [
        Queue(lane, Exchange(lane), routing_key=lane, queue_arguments=arguments) for lane in lanes
    ]
