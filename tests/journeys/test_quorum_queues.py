"""A lane's worker on RabbitMQ with quorum queues, as in production."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from amqp.exceptions import NotFound, PreconditionFailed
from celery import current_app
from kombu import pools
from switchyard.celery import declare_lanes

from jobs.publishing import depths, ring
from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import environment_of

ROOT = Path(__file__).parents[2]
START_SECONDS = 90

pytestmark = pytest.mark.journey


@pytest.fixture
def broker(production_rabbitmq: str) -> Iterator[str]:
    """RabbitMQ, to which this process publishes with quorum queues within the test."""
    before = current_app.conf.broker_url
    use(production_rabbitmq, queues="quorum")
    forget_queue()
    yield production_rabbitmq
    forget_queue()
    use(before, queues="classic")


def forget_queue() -> None:
    """Others may have rung here."""
    with current_app.connection_for_write() as connection:
        connection.default_channel.queue_delete(queue="webhooks")


def use(url: str, *, queues: str) -> None:
    current_app.conf.broker_url = url
    current_app.conf.task_create_missing_queue_type = queues
    declare_lanes(current_app)
    del current_app.amqp  # made anew from its configuration when it is asked for
    pools.reset()
    current_app._after_fork()


def refuses(queue: str, error: type[Exception], **options: bool) -> bool:
    """Say whether the broker refuses to declare `queue` so."""
    with current_app.connection_for_write() as connection, pytest.raises(error):
        connection.default_channel.queue_declare(queue=queue, **options)
    return True


def test_worker_answers_doorbells_of_quorum_queues(
    postgres: str, migrated: str, broker: str, tmp_path: Path
) -> None:
    environment = environment_of(
        tmp_path,
        settings="switchyard.settings",
        DATABASE_URL=make_database(postgres, name="quorum", like=migrated),
        BROKER_URL=broker,
        BROKER_QUEUES="quorum",
    )
    manage = [sys.executable, "-W", "ignore", str(ROOT / "manage.py")]
    assert ring(lane="webhooks", kind="webhooks.deliver", times=3)
    assert depths(["webhooks"]) == {"webhooks": 3}
    assert refuses("webhooks", PreconditionFailed, durable=True)  # as a classic queue
    worker = subprocess.Popen([*manage, "worker", "webhooks"], env=environment)
    try:
        wait_until(lambda: depths(["webhooks"]) == {"webhooks": 0}, seconds=START_SECONDS)
        assert refuses("celery_delayed_0", NotFound, passive=True)
    finally:
        worker.terminate()
        assert worker.wait(timeout=30) == 0
