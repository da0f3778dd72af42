"""Doorbells in a real broker, and a broker that is down."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from celery import current_app
from kombu import Exchange, Queue, pools
from kombu.utils.url import parse_url
from valkey import Valkey

from jobs import publishing
from jobs.publishing import depths, ring
from jobs.testing import wait_until
from tests.faults.proxy import Proxy

NOBODY = 9
"""A port on which nobody listens."""


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
    publishing.silence.end()


@contextmanager
def publishing_to(url: str) -> Iterator[None]:
    """Publish to the broker at `url` within the block; afterwards as before."""
    before = current_app.conf.broker_url
    publish_to(url)
    try:
        yield
    finally:
        publish_to(before)


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


@pytest.fixture
def publish_through() -> Iterator[Callable[..., Proxy]]:
    """Publish to a server through a proxy; afterwards as before."""
    before, proxies = current_app.conf.broker_url, []

    def publish(*, url: str) -> Proxy:
        port = parse_url(url)["port"]
        proxies.append(Proxy(target=port))
        publish_to(url.replace(str(port), str(proxies[-1].port)))
        return proxies[-1]

    yield publish
    publish_to(before)
    for proxy in proxies:
        proxy.close()


@pytest.mark.parametrize("server", ["valkey", "rabbitmq"])
def test_broken_connection_raises_nothing_and_is_made_again(
    server: str, request: pytest.FixtureRequest, publish_through: Callable[..., Proxy]
) -> None:
    proxy = publish_through(url=request.getfixturevalue(server))
    assert ring(lane="cut", kind="emails.mailing")
    assert "cut" in depths(["cut"])
    proxy.cut()
    wait_until(lambda: proxy.cuts > 0)
    depths(["cut"])
    ring(lane="cut", kind="emails.mailing")
    assert ring(lane="cut", kind="emails.mailing")
    wait_until(lambda: depths(["cut"]).get("cut", 0) > 0)


@pytest.mark.parametrize("server", ["valkey", "rabbitmq"])
@pytest.mark.parametrize("ask", [lambda: ring(lane="gone", kind="emails.code"), lambda: depths(["gone"])])
def test_broker_that_goes_away_under_an_open_connection_raises_nothing(
    ask: Callable[[], object],
    server: str,
    request: pytest.FixtureRequest,
    publish_through: Callable[..., Proxy],
) -> None:
    proxy = publish_through(url=request.getfixturevalue(server))
    assert ring(lane="gone", kind="emails.code")
    assert "gone" in depths(["gone"])
    proxy.target = NOBODY
    proxy.cut()
    wait_until(lambda: proxy.cuts > 0)
    ask()
    assert not ask()


def test_ring_that_rabbitmq_took_is_in_the_queue_at_once(rabbitmq: str) -> None:
    with publishing_to(rabbitmq):
        assert ring(lane="taken", kind="emails.code", times=50)
        assert depths(["taken"]) == {"taken": 50}


def test_ring_that_rabbitmq_refused_is_known_as_failed_and_the_next_one_is_taken(rabbitmq: str) -> None:
    full = Queue("full", Exchange("full"), routing_key="full", max_length=1)
    full.queue_arguments = {"x-overflow": "reject-publish"}
    with publishing_to(rabbitmq):
        current_app.amqp.queues.add(full)
        assert not ring(lane="full", kind="emails.code", times=5)
        assert ring(lane="roomy", kind="emails.code")


@pytest.mark.parametrize("ask", [lambda: ring(lane="hush", kind="emails.code"), lambda: depths(["hush"])])
def test_nobody_waits_long_for_a_rabbitmq_that_fell_silent(
    ask: Callable[[], object],
    rabbitmq: str,
    publish_through: Callable[..., Proxy],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "ANSWER_SECONDS", 0.5)
    proxy = publish_through(url=rabbitmq)
    assert ring(lane="hush", kind="emails.code")
    assert "hush" in depths(["hush"])
    proxy.go_silent()
    started = time.monotonic()
    assert not ask()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("server", ["valkey", "rabbitmq"])
def test_connection_that_the_network_forgot_is_given_up_and_made_again(
    server: str,
    request: pytest.FixtureRequest,
    publish_through: Callable[..., Proxy],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "ANSWER_SECONDS", 0.5)
    proxy = publish_through(url=request.getfixturevalue(server))
    assert ring(lane="forgot", kind="emails.code")
    assert "forgot" in depths(["forgot"])
    proxy.forget()
    ring(lane="forgot", kind="emails.code")
    before = depths(["forgot"])["forgot"]
    assert ring(lane="forgot", kind="emails.code")
    assert depths(["forgot"])["forgot"] == before + 1
