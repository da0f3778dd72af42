"""Doorbells in a real broker, and a broker that is down."""

import json
from collections.abc import Callable, Iterator

import pytest
from celery import current_app
from kombu import pools
from kombu.utils.url import parse_url
from valkey import Valkey

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
