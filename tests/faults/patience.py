"""Asking a database that may be away for a moment: again and again, with a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.db.utils import DatabaseError, InterfaceError, InternalError

from jobs.insisting import broke_off

Answer = TypeVar("Answer")
LIMIT_SECONDS = 90
PAUSE_SECONDS = 0.2


def insist(call: Callable[[], Answer]) -> Answer:
    """Return what `call` returns once the database answers; it may be called more than once.

    Raises:
        DatabaseError, InterfaceError: it did not answer in time, or refused.
    """
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        try:
            return call()
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if time.monotonic() > deadline or not (broke_off(error) or isinstance(error, InternalError)):
                raise
        time.sleep(PAUSE_SECONDS)
