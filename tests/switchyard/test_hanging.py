"""A database that stands still holds up no page for ever."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.db.utils import OperationalError
from django.test import Client
from switchyard import hanging
from switchyard.hanging import LONG_SECONDS, Guard, answers
from switchyard.yard.ports import LOOPBACK, free_ports

from jobs.testing import wait_until

ASLEEP = "FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%hangs'"


class Sleeper:
    """Somebody who waits for an answer of the database, watched by a guard."""

    def __init__(self, guard: Guard) -> None:
        """Begin to wait."""
        self.error: Exception | None = None
        self._guard = guard
        self.thread = threading.Thread(target=self._sleep)
        self.thread.start()

    def _sleep(self) -> None:
        database = connections["default"]
        try:
            with self._guard.watched(database), database.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(600) -- hangs")
        except OperationalError as error:
            self.error = error
        finally:
            database.close()


@pytest.fixture
def now() -> list[float]:
    return [100.0]


def ask(question: str) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


@pytest.fixture
def sleeping(transactional_db: None) -> Iterator[Callable[[Guard], Sleeper]]:
    """Let somebody wait for an answer; nobody waits at the end."""
    sleepers = []

    def sleep(guard: Guard) -> Sleeper:
        sleepers.append(Sleeper(guard))
        wait_until(lambda: ask(f"SELECT count(*) {ASLEEP}") == 1)
        return sleepers[-1]

    yield sleep
    ask(f"SELECT count(pg_terminate_backend(pid)) {ASLEEP}")
    for sleeper in sleepers:
        sleeper.thread.join(timeout=10)
    wait_until(lambda: ask(f"SELECT count(*) {ASLEEP}") == 0)


def test_who_waits_for_a_database_that_hangs_is_broken_off(
    sleeping: Callable[[Guard], Sleeper], now: list[float]
) -> None:
    guard = Guard(answers=lambda: False, clock=lambda: now[0])
    sleeper = sleeping(guard)
    now[0] += LONG_SECONDS
    guard.look()
    sleeper.thread.join(timeout=10)
    assert guard.is_away
    assert sleeper.error is not None


def test_who_waits_long_for_a_database_that_answers_goes_on(
    sleeping: Callable[[Guard], Sleeper], now: list[float]
) -> None:
    guard = Guard(answers=lambda: True, clock=lambda: now[0])
    sleeper = sleeping(guard)
    now[0] += LONG_SECONDS
    guard.look()
    assert not guard.is_away
    assert sleeper.thread.is_alive()


def test_database_is_not_asked_while_nobody_waits_long(now: list[float]) -> None:
    asked: list[bool] = []
    guard = Guard(answers=lambda: asked.append(True) or True, clock=lambda: now[0])
    with guard.watched(connections["default"]):
        guard.look()
    now[0] += LONG_SECONDS
    guard.look()
    assert asked == []


def test_database_that_answers_again_is_used_again(now: list[float]) -> None:
    said = iter([False, True])
    guard = Guard(answers=lambda: next(said), clock=lambda: now[0])
    with guard.watched(connections["default"]):
        now[0] += LONG_SECONDS
        guard.look()
    assert guard.is_away
    guard.look()
    assert not guard.is_away


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Connect to another port of this machine."""
    settings = connections.settings["default"]
    monkeypatch.setitem(settings, "HOST", LOOPBACK)
    return lambda number: monkeypatch.setitem(settings, "PORT", number)


@pytest.mark.django_db
def test_server_that_says_nothing_hangs(port: Callable[[int], None], monkeypatch: pytest.MonkeyPatch) -> None:
    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(options, "connect_timeout", 2)
    with socket.create_server((LOOPBACK, 0)) as server:
        port(server.getsockname()[1])
        assert not answers()


@pytest.mark.django_db
def test_server_that_refuses_does_not_hang(port: Callable[[int], None]) -> None:
    port(free_ports(1)[0])
    assert answers()


@pytest.mark.django_db
def test_pages_say_at_once_that_the_database_hangs_and_the_status_page_goes_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(hanging.guard, "is_away", True)
    assert client.get("/sign-in/").status_code == 503
    assert client.get("/status/").status_code == 200
