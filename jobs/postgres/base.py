"""A connection that tells PostgreSQL for which school it works, along with the next statement after a change.

So nothing is sent for the wall alone, neither when it is put up nor when it is taken down: a connection that
broke meanwhile is no matter then, and one that works for the same school again is told nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from select import POLLIN, poll
from typing import Any, Protocol

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

ROLE = "switchyard_school"
"""The role of connections that work for a school; the policies of the tables are for it."""
SETTING = "switchyard.school"
"""Where they find whose id."""
UNKNOWN = -1
"""What the server holds after a rollback, which takes back also what it was told meanwhile."""
ENDINGS = ("ROLLBACK", "RELEASE", "SAVEPOINT")
"""Statements that reach no table; some must be the first that a failed transaction hears."""
TRUSTED_SECONDS = 2.0
"""A connection that was used a moment ago, on which the server has not hung up since, is taken to work."""


class _Database(Protocol):
    """What the cursors below need of their connection."""

    def telling(self, cursor: Any, sql: Any) -> Any: ...

    def tell(self) -> None: ...


class _Telling:
    """What a cursor does before its statements."""

    db: _Database
    cursor: Any

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        with self.db.telling(self.cursor, sql) as told:
            return super()._execute(told, params, *ignored)  # type: ignore[misc]

    def _executemany(self, sql: Any, param_list: Any, *ignored: Any) -> Any:
        self.db.tell()
        return super()._executemany(sql, param_list, *ignored)  # type: ignore[misc]

    def copy_expert(self, *arguments: Any, **named: Any) -> Any:
        """Copy, behind the wall as it is to be."""
        self.db.tell()
        return self.cursor.copy_expert(*arguments, **named)


class _Cursor(_Telling, CursorWrapper):
    """A cursor that tells."""


class _DebugCursor(_Telling, CursorDebugWrapper):
    """A cursor that tells, and notes what was asked."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of Django's with a wall: see `jobs.walls`."""

    health_check_done: bool

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Begin without a wall."""
        super().__init__(*arguments, **named)
        self.school: int | None = None
        """Whose rows the next statements shall find; None for those of all schools."""
        self._told: int | None = None
        self._used_at = 0.0
        self.prepared: dict[str, str] = {}
        """The names of statements that the server keeps for it: see `jobs.postgres.prepared`."""

    def init_connection_state(self) -> None:
        """A new connection was told nothing yet."""
        self._told = None
        self.prepared = {}
        super().init_connection_state()

    def close_if_health_check_failed(self) -> None:
        """Ask the server whether it is there, but where that is plain without: each request would ask."""
        if not self.health_check_done and self._is_surely_there():
            self.health_check_done = True
        super().close_if_health_check_failed()

    def _is_surely_there(self) -> bool:
        """Whether the connection was used a moment ago and has nothing to tell: an end would be told."""
        ours = self.connection
        if ours is None or ours.closed or time.monotonic() - self._used_at > TRUSTED_SECONDS:
            return False
        line = poll()
        line.register(ours.fileno(), POLLIN)
        return not line.poll(0)

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        """Return a cursor that tells."""
        return _Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        """Return a cursor that tells, and notes what was asked."""
        return _DebugCursor(cursor, self)

    @contextmanager
    def telling(self, cursor: Any, sql: Any) -> Iterator[Any]:
        """Give the statement with what the server must be told before, if anything."""
        self._used_at = time.monotonic()
        if self._told == self.school or (isinstance(sql, str) and sql.startswith(ENDINGS)):
            yield sql
        elif not isinstance(sql, str) or cursor.name is not None:
            self.tell()
            yield sql
        else:
            before, wanted = self._words(), self.school
            self._told = UNKNOWN  # should it fail, the server takes all of it back
            yield before + sql
            self._told = wanted

    def tell(self) -> None:
        """Tell the server now, for what is not asked by a plain statement."""
        if self._told == self.school:
            return
        before, wanted = self._words(), self.school
        self._told = UNKNOWN
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(before)
        self._told = wanted

    def _words(self) -> str:
        if self.school is None:
            own = self.settings_dict["OPTIONS"].get("assume_role")
            return f"SET ROLE {self.ops.quote_name(own)}; " if own else "RESET ROLE; "
        return f"SET ROLE {ROLE}; SET {SETTING} = {self.school:d}; "

    def _rollback(self) -> None:
        self._told = UNKNOWN
        super()._rollback()  # type: ignore[misc]  # the stubs lack it

    def _savepoint_rollback(self, sid: str) -> None:
        self._told = UNKNOWN
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # the stubs lack it
