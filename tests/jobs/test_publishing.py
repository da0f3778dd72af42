"""Doorbells in a real broker, and a broker that is down."""

import json
from collections.abc import Iterator

import pytest
from celery import current_app
from kombu import pools
from valkey import Valkey

from jobs.publishing import depths, ring


@pytest.fixture
def broker(valkey: str) -> Iterator[Valkey]:
    """A Valkey that the platform publishes to, empty at first."""
    before = current_app.conf.broker_url
    client = Valkey.from_url(valkey)
    client.flushdb()
    publish_to(valkey)
    yield client
    publish_to(before)
    client.close()


def publish_to(url: str) -> None:
    """Let Celery use the broker at `url` from now on."""
    current_app.conf.broker_url = url
    pools.reset()
    current_app._after_fork()


def test_each_ring_is_a_message_in_the_lanes_queue(broker: Valkey) -> None:
    assert ring(lane="bulk", kind="emails.mailing", times=3)
    assert ring(lane="codes", kind="emails.code")
    assert depths(["codes", "bulk", "webhooks"]) == {"codes": 1, "bulk": 3, "webhooks": 0}


def test_doorbell_carries_the_lane_and_nothing_else(broker: Valkey) -> None:
    ring(lane="bulk", kind="emails.mailing")
    message = json.loads(broker.lrange("bulk", 0, 0)[0])
    assert message["headers"]["task"] == "emails.mailing"
    assert message["headers"]["argsrepr"] == "['bulk']"
    assert message["headers"]["kwargsrepr"] == "{}"


def test_ring_of_nothing_asks_nobody() -> None:
    assert ring(lane="bulk", kind="emails.mailing", times=0)


def test_broker_that_is_down_loses_a_doorbell_and_raises_nothing(broker: Valkey) -> None:
    publish_to("redis://127.0.0.1:9/0")
    assert not ring(lane="bulk", kind="emails.mailing")
    assert depths(["bulk"]) == {}
