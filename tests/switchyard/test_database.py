"""A database behind a network that goes silent, and sessions that stand still within a transaction."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from switchyard.database import default, options

from jobs.testing import wait_until
from tests.faults.proxy import Proxy

SILENCE_SECONDS = 2
PATIENCE_SECONDS = 15
"""What a busy machine may need beyond the silence; without options it would be minutes."""
Connect = Callable[[], Any]


@pytest.fixture
def proxy(postgres: str) -> Iterator[Proxy]:
    """A proxy before the tests' PostgreSQL."""
    proxy = Proxy(target=urlsplit(postgres).port or 0)
    yield proxy
    proxy.close()


@pytest.fixture
def connect(postgres: str, proxy: Proxy) -> Connect:
    """Connect through the proxy with our options."""
    address = urlsplit(postgres)._replace(path="/postgres").geturl()
    through = address.replace(f":{urlsplit(postgres).port}", f":{proxy.port}")
    ours = options(silence_seconds=SILENCE_SECONDS, idle_seconds=1)
    return lambda: psycopg2.connect(through, **ours)


def breaks_off(call: Callable[[], object]) -> bool:
    """Say whether `call` ends with a broken connection within the patience."""
    started = time.monotonic()
    with pytest.raises(psycopg2.OperationalError):
        call()
    return time.monotonic() - started < PATIENCE_SECONDS


def test_nobody_waits_long_for_a_connection_through_a_silent_network(proxy: Proxy, connect: Connect) -> None:
    proxy.go_silent()
    assert breaks_off(connect)


def test_nobody_waits_long_for_what_was_sent_into_a_silent_network(proxy: Proxy, connect: Connect) -> None:
    with connect().cursor() as cursor:
        proxy.go_silent()
        assert breaks_off(lambda: cursor.execute("SELECT 1"))


def test_nobody_waits_long_for_an_answer_from_a_silent_network(
    postgres: str, proxy: Proxy, connect: Connect
) -> None:
    with connect().cursor() as cursor, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(breaks_off, lambda: cursor.execute("SELECT pg_sleep(60)"))
        wait_until(lambda: is_asleep(postgres))
        proxy.go_silent()
        assert waiting.result(timeout=PATIENCE_SECONDS * 2)


def test_lock_of_a_host_that_fell_silent_is_let_go(postgres: str, proxy: Proxy, connect: Connect) -> None:
    with connect().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
        cursor.connection.commit()
        proxy.go_silent()
        wait_until(lambda: lockable(postgres, 7), seconds=PATIENCE_SECONDS)


def test_lock_of_a_session_that_stands_still_in_its_transaction_is_let_go(
    postgres: str, connect: Connect
) -> None:
    with connect().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(8)")
        wait_until(lambda: lockable(postgres, 8), seconds=PATIENCE_SECONDS)


def is_asleep(postgres: str) -> bool:
    return ask(postgres, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")


def lockable(postgres: str, number: int) -> bool:
    return ask(postgres, f"SELECT pg_try_advisory_lock({number})")


def ask(postgres: str, question: str) -> bool:
    """Return what the database answers to someone who reaches it well."""
    connection = psycopg2.connect(urlsplit(postgres)._replace(path="/postgres").geturl())
    with connection.cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone()
    connection.close()
    return bool(answer)


def test_options_within_the_address_count_more_than_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user@host/name?connect_timeout=7&sslmode=require")
    chosen = default()["OPTIONS"]
    assert (chosen["connect_timeout"], chosen["sslmode"]) == (7, "require")
    assert chosen["tcp_user_timeout"] == 10_000
