"""Deleting from records that are else only added to: the one way by which pruning does so."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Until the transaction ends, or is told otherwise. Triggers of the database ask for it: see migration 0043.
SAY = "SELECT set_config('switchyard.forgetting', %s, true)"


@contextmanager
def forgetting() -> Iterator[None]:
    """Let old rows of the record be deleted within the block, which is one transaction; none is changed.

    Without it PostgreSQL refuses, whoever asks.
    """
    with transaction.atomic():
        _say("on")
        yield
        _say("off")


def _say(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SAY, [word])
