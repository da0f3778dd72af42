"""Writing down how a part ended, also while the database restarts."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection

log = structlog.get_logger()

PAUSE_SECONDS = 0.2
ASK_AGAIN_SECONDS = 5
"""After which a browser or program that met no database shall ask again."""
Answer = TypeVar("Answer")


def insist(write: Callable[[], Answer], *, seconds: float) -> Answer:
    """Return what `write` returns; when the database breaks off, call it again for up to `seconds` from then.

    `write` may run after a commit whose answer got lost, so it must be guarded by a fence. Within a
    transaction it is called once: what broke off cannot be continued.

    Raises:
        DatabaseError: the database did not come back in time, or refused what it was told.
    """
    deadline: float | None = None
    while True:
        try:
            return write()
        except (DatabaseError, InterfaceError) as error:
            if not broke_off(error):
                raise
            # A silent network takes its time to break off; that shall not use up the patience.
            deadline = deadline or time.monotonic() + seconds
            if connection.in_atomic_block or time.monotonic() >= deadline:
                raise
            log.warning("database_broke_off", error=type(error).__name__)
            connection.close()
        threading.Event().wait(PAUSE_SECONDS)


def broke_off(error: BaseException | None) -> bool:
    """Say whether `error` tells of the connection to the database, and not of what was asked.

    When the server ends in the middle of an answer, psycopg2 raises DatabaseError itself.
    """
    return isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError
