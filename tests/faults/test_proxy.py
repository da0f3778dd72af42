"""The proxy of the fault runs: what it cuts is expected, and nothing to complain of."""

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from switchyard.yard.ports import LOOPBACK

from tests.faults.proxy import Proxy

SECONDS = 10


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as made:
        made.settimeout(SECONDS)
        yield made


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """What is closed after the test."""
    with ExitStack() as stack:
        yield stack


def connect(proxy: Proxy, listener: socket.socket, *, opened: ExitStack) -> socket.socket:
    """Return a connection through the proxy over which something has gone."""
    asking = opened.enter_context(socket.create_connection((LOOPBACK, proxy.port), timeout=SECONDS))
    answering = opened.enter_context(listener.accept()[0])
    answering.settimeout(SECONDS)
    asking.sendall(b"?")
    assert answering.recv(1) == b"?"
    return asking


def test_closing_and_cutting_say_nothing(
    listener: socket.socket, opened: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    proxy = Proxy(target=listener.getsockname()[1])
    with caplog.at_level(logging.WARNING, logger="asyncio"):
        for _ in range(3):
            cut = connect(proxy, listener, opened=opened)
            proxy.cut()
            assert cut.recv(1) == b""
        connect(proxy, listener, opened=opened)
        proxy.close()
    assert caplog.records == []
