"""One process at a time: of several supervisors one sweeps and one observes, and the others do nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

FROZEN_AFTER = "30s"
"""So long may the session of the one be idle; asking a broker that hangs takes a few seconds."""


@contextmanager
def only_one(lock: int) -> Iterator[bool]:
    """Say whether nobody else has `lock`; who stands still with it loses its session, and so the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        (is_ours,) = cursor.fetchone()
        if not is_ours:
            yield False
            return
        cursor.execute("SET idle_session_timeout = %s", [FROZEN_AFTER])
        try:
            yield True
        finally:
            cursor.execute("RESET idle_session_timeout; SELECT pg_advisory_unlock(%s)", [lock])
