"""The second wall behind the scoped managers: within it PostgreSQL itself finds the rows of one school only.

It stands for what this thread's connection asks; other threads put up their own. What it holds back and what
not, docs/decisions/0024 says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connections

from jobs.postgres.base import DatabaseWrapper


@contextmanager
def around(school_id: int | None) -> Iterator[None]:
    """Let only rows of the school be found and changed within the block; those of all schools with None.

    Nothing is asked of the database for it, also at the end.
    """
    ours = _connection()
    before = ours.school
    ours.school = school_id
    try:
        yield
    finally:
        ours.school = before


def put_up(school_id: int | None) -> None:
    """Put it around a school until the block ends that this is called in."""
    _connection().school = school_id


def standing() -> int | None:
    """Return the id of the school around which it stands; None where it does not."""
    return _connection().school


def _connection() -> DatabaseWrapper:
    return cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
