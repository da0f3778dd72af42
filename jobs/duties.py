"""One process of all does something for as long as it lives, so that what it remembers of it is whole.

`jobs.alone` keeps two from doing the same at one moment; here the others also do nothing between two turns.
"""

import uuid
from datetime import datetime

from django.db import connection

from jobs import models

PATIENCE = "5 s"
"""After so long without a turn somebody else may take over."""

TAKE = """
INSERT INTO jobs_duty (name, holder, since, until)
VALUES (%(name)s, %(holder)s, statement_timestamp(), statement_timestamp() + %(patience)s::interval)
ON CONFLICT (name) DO UPDATE SET
    holder = excluded.holder,
    until = excluded.until,
    since = CASE WHEN jobs_duty.until < statement_timestamp() THEN excluded.since ELSE jobs_duty.since END
WHERE jobs_duty.holder = excluded.holder OR jobs_duty.until < statement_timestamp()
RETURNING since
"""


class Duty:
    """What one of several processes does; it takes a turn at least each second."""

    def __init__(self, name: str) -> None:
        """Be one of those who may do it."""
        self._name = name
        self._holder = uuid.uuid4().hex
        self._is_ours = False

    def since(self) -> datetime | None:
        """Return since when we are on duty without a break, by the database's clock; None where another is.

        Who was silent for `PATIENCE` is relieved by the first that asks; was that nobody else, it
        begins anew. Honest limit: who stood still within a turn knows at its next one that it was relieved.
        """
        with connection.cursor() as cursor:
            cursor.execute(TAKE, {"name": self._name, "holder": self._holder, "patience": PATIENCE})
            row = cursor.fetchone()
        self._is_ours = row is not None
        return row[0] if row else None

    def leave(self) -> None:
        """Let somebody else take over at once, if we are on duty."""
        if self._is_ours:
            models.Duty.objects.filter(name=self._name, holder=self._holder).delete()
