"""Adding what this process observed to what all of them did, in the database.

A process that is killed takes with it what it observed within the last seconds, and a write whose answer was
lost may count twice: these are figures for graphs and alarms. What must be exact is read from jobs and parts.
"""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Self

import structlog
from django.db import connection, transaction
from django.db.utils import Error as DatabaseError

from jobs.tallies import Key, tallies

log = structlog.get_logger()

WRITE_SECONDS = 5
"""How often a process writes; one that observed nothing does not."""
GOODBYE_SECONDS = 1
_others: list[Callable[[], None]] = []

# All processes add to the same rows: in order, so that they never wait for each other in a circle. A crash
# of the database may cost the last moment's numbers, so nobody waits for the disk.
ADD = """
SET LOCAL synchronous_commit = off;
INSERT INTO jobs_tally AS tally (measure, labels, bucket, value)
SELECT * FROM unnest(%(measures)s::text[], %(labels)s::text[], %(buckets)s::text[], %(values)s::float[])
ON CONFLICT (measure, labels, bucket) DO UPDATE SET value = tally.value + excluded.value
"""


def write() -> bool:
    """Add what this process observed to the database and return whether it took it; else it is kept."""
    taken = tallies.take()
    if not taken:
        return True
    try:
        _add(taken)
    except DatabaseError as error:
        log.warning("tallies_not_written", error=type(error).__name__)
        tallies.add(taken)
        return False
    return True


def also(keep: Callable[[], None]) -> None:
    """Let every process call `keep` in this rhythm too: an app observed what is no number.

    It handles what the database refuses, and is quick while there is nothing to keep.
    """
    if keep not in _others:
        _others.append(keep)


def _add(taken: Mapping[Key, float]) -> None:
    rows = sorted((key.measure, json.dumps(key.labels), key.bucket, value) for key, value in taken.items())
    columns = zip(("measures", "labels", "buckets", "values"), zip(*rows, strict=True), strict=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADD, {name: list(column) for name, column in columns})


class Tallying:
    """Writes every few seconds, from a thread of its own that keeps no connection in between."""

    def __init__(self) -> None:
        """Write nothing yet."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tallying", daemon=True)

    def start(self) -> None:
        """Begin; a forked child begins its own."""
        self._thread.start()

    def stop(self) -> None:
        """Write once more, if the database lets us within a second."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=GOODBYE_SECONDS)

    def __enter__(self) -> Self:
        """Start; the end of the block stops it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _run(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._stopping.wait(WRITE_SECONDS)
            try:
                write()
                for keep in _others:
                    keep()
            finally:
                connection.close()
