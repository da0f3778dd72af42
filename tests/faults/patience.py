"""Asking a database that may be away for a moment: again and again, with a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.db.utils import InterfaceError, InternalError, OperationalError

Answer = TypeVar("Answer")
LIMIT_SECONDS = 90
PAUSE_SECONDS = 0.2


def insist(call: Callable[[], Answer]) -> Answer:
    """Return what `call` returns once the database answers; it may be called more than once.

    Raises:
        OperationalError, InterfaceError, InternalError: it did not answer in time.
    """
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError, InternalError):
            connection.close()
            if time.monotonic() > deadline:
                raise
        time.sleep(PAUSE_SECONDS)
