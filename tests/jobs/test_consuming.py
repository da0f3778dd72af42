"""A worker whose broker is away finds it again soon after it is back."""

import logging
import socket
import time
from collections.abc import Iterator
from itertools import pairwise
from unittest import mock

import kombu
import pytest
from celery import current_app
from celery.utils.imports import symbol_by_name
from celery.worker.consumer import Consumer
from kombu.asynchronous import Hub

from jobs.testing import wait_until
from tests.faults.proxy import Proxy

NOBODY = 1
"""A port on which nobody listens."""
log = logging.getLogger(__name__)


class EnoughSeen(Exception):
    """The test has seen enough."""


@pytest.fixture
def consumer() -> Consumer:
    """What a worker would use; Celery's constructor wants all of a running worker, so it is left out."""
    kind = symbol_by_name(current_app.conf.worker_consumer)
    made: Consumer = object.__new__(kind)
    made.app, made.first_connection_attempt, made.broker_connection_retry_attempt = current_app, False, 0
    return made


@pytest.fixture
def tried_at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds at which a broker that is away for two hours was asked."""
    asked: list[float] = []
    clock = 0.0

    def sleep(seconds: float) -> None:
        nonlocal clock
        clock += seconds

    def refuse(_: object) -> None:
        asked.append(clock)
        if clock > 7200:
            raise EnoughSeen
        raise ConnectionRefusedError

    monkeypatch.setattr("kombu.utils.functional.sleep", sleep)
    monkeypatch.setattr(kombu.Connection, "_connection_factory", refuse)
    return asked


def test_slots_leave_the_connection_to_the_workers_own_thread(consumer: Consumer) -> None:
    consumer.qos, consumer._maximum_prefetch_restored = mock.MagicMock(value=1), False
    consumer.pool, consumer.prefetch_multiplier = mock.Mock(num_processes=4), 1
    # What a slot calls when a doorbell is acknowledged that came after a reconnection.
    consumer._restore_prefetch_count_after_connection_restart(None)
    assert consumer.qos.set.call_args_list == []


def test_pool_grows_child_by_child_without_waiting_for_events(consumer: Consumer) -> None:
    forked: list[int] = []
    consumer.pool = mock.Mock(num_processes=8)
    consumer.pool.resize = forked.append
    type(consumer.pool).is_growing = mock.PropertyMock(side_effect=lambda: len(forked) < 8)
    consumer.blueprint, consumer.hub = mock.Mock(state=None), Hub()
    silent, quiet = socket.socketpair()
    consumer.hub.add_reader(silent, lambda: None)
    try:
        consumer.ask_for(8)
        began = time.monotonic()
        while len(forked) < 8:
            next(consumer.hub.loop)
        assert time.monotonic() - began < 4  # each turn would wait for a second
    finally:
        consumer.hub.close()
        silent.close()
        quiet.close()


def test_broker_that_was_away_for_long_is_asked_again_within_two_seconds(
    consumer: Consumer, tried_at: list[float]
) -> None:
    with pytest.raises(EnoughSeen):
        consumer.ensure_connected(kombu.Connection("amqp://127.0.0.1:1//"))
    pauses = [later - before for before, later in pairwise(tried_at)]
    assert max(pauses) <= 2


@pytest.mark.filterwarnings("ignore:A node named")  # it says so of a forgotten connection too
def test_worker_that_the_network_forgot_takes_its_own_control_queue_over(rabbitmq: str) -> None:
    mailbox = current_app.control.mailbox
    with kombu.Connection(rabbitmq) as forgotten, kombu.Connection(rabbitmq) as again:
        for connection in (forgotten, again):
            node = mailbox.Node("codes@host-7", channel=connection.channel())
            assert node.listen(callback=mock.Mock()).queues


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


@pytest.fixture
def proxy(valkey: str) -> Iterator[Proxy]:
    """A way to Valkey that can be cut."""
    made = Proxy(target=int(valkey.rpartition(":")[2].partition("/")[0]))
    yield made
    made.close()


def test_doorbell_that_cannot_be_acknowledged_ends_the_connection(
    consumer: Consumer, hub: Hub, valkey: str, proxy: Proxy
) -> None:
    consumer.hub = hub
    through = valkey.replace(str(proxy.target), str(proxy.port))
    with kombu.Connection(through, transport_options={"socket_timeout": 2, "max_retries": 0}) as connection:
        queue = connection.SimpleQueue("unacknowledged")
        queue.put("ring")
        message = queue.get(timeout=5)
        proxy.target = NOBODY
        proxy.cut()
        wait_until(lambda: proxy.cuts > 0)
        # As Celery's consumer hands it to a slot.
        consumer.call_soon_ack(message.ack_log_error, log, connection.connection_errors)
        with pytest.raises(connection.connection_errors):
            hub.run_once()
