"""The page of metrics as text. Reckoned at most once a second, however many ask for it.

It only reads, so no claim ever waits for it. A database that hangs is given up; then the page says so, and
has what this process knows without it.
"""

import threading
import time
from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.utils import Error as DatabaseError
from prometheus_client import CollectorRegistry, Metric, generate_latest

from jobs.scraping import host, lanes, observed, outside, supervised
from jobs.scraping.families import gauge

log = structlog.get_logger()

KEPT_SECONDS = 1.0
PATIENCE = "2s"
"""The longest that one of the page's statements may take."""


class Page:
    """The newest text; who comes while it is reckoned waits for that."""

    def __init__(self) -> None:
        """Begin without a text."""
        self._lock = threading.Lock()
        self._text = b""
        self._until = 0.0

    def text(self, *, now: datetime) -> bytes:
        """Return the text as of `now`, or of a second before."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._text = _text(now=now)
                self._until = time.monotonic() + KEPT_SECONDS
            return self._text

    def forget(self) -> None:
        """Reckon anew at the next call."""
        self._until = 0.0


page = Page()


class _Given:
    """Hands the metrics over that were collected before."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _text(*, now: datetime) -> bytes:
    try:
        found, is_up = _of_database(now=now), 1
    except DatabaseError as error:
        log.warning("metrics_without_database", error=type(error).__name__)
        connection.close()
        found, is_up = [], 0
    up = gauge("switchyard_database_up", "Whether the database answered this page.", (), [((), is_up)])
    registry = CollectorRegistry()
    registry.register(_Given([up, *host.collect(), *found]))
    return generate_latest(registry)


def _of_database(*, now: datetime) -> list[Metric]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [PATIENCE])
        return [
            *lanes.collect(now=now),
            *outside.collect(now=now),
            *supervised.collect(now=now),
            *observed.collect(),
        ]
