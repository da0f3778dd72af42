"""A database that stands still holds up no page for ever, and leaves threads for the status page.

The network breaks off where a host vanished (`switchyard.database`), but a server that hangs keeps its
connections. So who waits long is noticed, the database is asked anew, and where it lets that wait as well,
all who wait are broken off: they answer 503. Until it answers, others are told so at once.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import psycopg2
import structlog
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error as DatabaseError
from django.db.utils import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = structlog.get_logger()

LOOK_SECONDS = 1.0
LONG_SECONDS = 5.0
"""Pages are short: what waits so long may wait for a database that hangs."""
SILENT_SECONDS = 1.5
"""A refusal that is quicker is an answer: then the database does not hang."""
SPARED = ("/status/", "/static/", "/health", "/api/")
"""What needs no database, or says itself in its own form that it is away."""


def answers() -> bool:
    """Say whether the database does anything with a new connection: it may refuse it."""
    asked, began = connections.create_connection(DEFAULT_DB_ALIAS), monotonic()
    try:
        asked.ensure_connection()
    except DatabaseError:
        return monotonic() - began < SILENT_SECONDS
    finally:
        asked.close()
    return True


class Guard:
    """Who waits for the database in this process, and whether it hangs."""

    def __init__(
        self, *, answers: Callable[[], bool] = answers, clock: Callable[[], float] = monotonic
    ) -> None:
        """Watch nobody."""
        self.is_away = False
        self._answers, self._clock = answers, clock
        self._waiting: dict[object, tuple[float, BaseDatabaseWrapper]] = {}
        self._lock = threading.Lock()
        self._watcher: threading.Thread | None = None

    @contextmanager
    def watched(self, database: BaseDatabaseWrapper) -> Iterator[None]:
        """Watch a request that uses this connection, until it is answered."""
        token = object()
        self._waiting[token] = self._clock(), database
        try:
            yield
        finally:
            del self._waiting[token]

    def start(self) -> None:
        """Look from now on, from a thread of its own; one is enough."""
        with self._lock:
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._keep_looking, name="hanging", daemon=True)
                self._watcher.start()

    def look(self) -> None:
        """Ask the database if somebody waits long for it or it hung before; break off who waits in vain."""
        if not self.is_away and not self._who_waits_long():
            return
        was_away, self.is_away = self.is_away, not self._answers()
        if self.is_away != was_away:
            log.warning("database_hangs" if self.is_away else "database_answers_again")
        if self.is_away:
            for database in self._who_waits_long():
                _break_off(database)

    def _who_waits_long(self) -> list[BaseDatabaseWrapper]:
        before = self._clock() - LONG_SECONDS
        return [database for since, database in list(self._waiting.values()) if since <= before]

    def _keep_looking(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            self.look()


def _break_off(database: BaseDatabaseWrapper) -> None:
    """End a connection under whoever waits for its answer, in another thread; it raises OperationalError."""
    try:
        with socket.socket(fileno=os.dup(database.connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)
    except (AttributeError, OSError, psycopg2.Error):
        return  # it has none, or that one is closed already


guard = Guard()
"""That of this process."""


class HangingMiddleware:
    """Lets no request wait for a database that hangs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand in front of `get_response`."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, if the database does.

        Raises:
            OperationalError: it did not answer others a moment ago.
        """
        guard.start()
        if guard.is_away and not request.path.startswith(SPARED):
            message = "The database does not answer: it let a new connection wait."
            raise OperationalError(message)
        with guard.watched(connections[DEFAULT_DB_ALIAS]):
            return self._get_response(request)
