"""Kept connections: whether one still works is not asked in vain, nor a statement planned twice."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection

from jobs.postgres import prepared
from jobs.postgres.base import TRUSTED_SECONDS, DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Iterator[DatabaseWrapper]:
    """A connection as a request keeps it for the next one."""
    ours: DatabaseWrapper = connection.copy()
    ask(ours)
    ours.health_check_enabled, ours.health_check_done = True, False
    yield ours
    ours.close()


def ask(ours: DatabaseWrapper) -> int:
    """Return the number of the server's process that answers."""
    with ours.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (number,) = cursor.fetchone()
    return int(number)


def asked_before(ours: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Say whether the server is asked whether it is there before the next statement."""
    asked: list[bool] = []
    monkeypatch.setattr(ours, "is_usable", lambda: asked.append(True) or True)
    ask(ours)
    return bool(asked)


def test_connection_used_a_moment_ago_is_not_asked(
    kept: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not asked_before(kept, monkeypatch)


def test_connection_that_rested_is_asked(kept: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.monotonic() + TRUSTED_SECONDS + 1
    monkeypatch.setattr("jobs.postgres.base.time.monotonic", lambda: later)
    assert asked_before(kept, monkeypatch)


def test_connection_that_the_server_ended_a_moment_ago_is_made_anew(kept: DatabaseWrapper) -> None:
    number = ask(kept)
    kept.health_check_done = False
    end(number)
    assert ask(kept) != number


def end(number: int) -> None:
    """Let the server end the process of a connection."""
    ours: DatabaseWrapper = connection.copy()
    with ours.cursor() as cursor:
        # With so many milliseconds it waits for the end.
        cursor.execute("SELECT pg_terminate_backend(%s, 30000)", [number])
        assert cursor.fetchone() == (True,)
    ours.close()


def test_statement_is_planned_once_for_a_connection() -> None:
    statement = "SELECT %(word)s::text AS word, %(number)s + 1 AS number, %(word)s::text || '!' AS loud"
    for number in (1, 2):
        assert prepared.read(statement, {"word": "it's", "number": number}) == [
            {"word": "it's", "number": number + 1, "loud": "it's!"}
        ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%AS loud%%'", [])
        assert cursor.fetchone() == (1,)
