"""A release's database with jobs in flight, as files that it wrote itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
SEQUENCES = """
SELECT setval(pg_get_serial_sequence(quote_ident(table_name), column_name), 1000000)
FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'
"""
MADE_BY_MIGRATING = ("django_migrations", "django_content_type", "auth_permission")
FACTS, ROWS, FILES = "facts.json", "rows.json", "files"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What else is to be known of a recording."""

    release: str
    recorded_at: str
    migrations: Mapping[str, str]
    """The last migration of each of our apps."""
    doorbells: Mapping[str, list[str]]
    """What lay in the broker's queues, as it lay there."""
    delivered: list[str]
    """To whom the release's mails had gone."""


def write(folder: Path, cursor: Any, facts: Facts) -> None:
    """Keep the rows of the database and the facts; the files lie in the folder's `files` already."""
    cursor.execute(TABLES)
    tables = [name for (name,) in cursor.fetchall() if name not in MADE_BY_MIGRATING]
    rows = {table: kept for table in tables if (kept := _rows_of(table, cursor))["rows"]}
    (folder / ROWS).write_text(json.dumps(rows, indent=1))
    (folder / FACTS).write_text(json.dumps(asdict(facts), indent=1))


def facts_of(folder: Path) -> Facts:
    """Return the facts of a recording."""
    return Facts(**json.loads((folder / FACTS).read_text()))


def restore(folder: Path, cursor: Any, *, now: datetime) -> None:
    """Write the rows into a database with the release's tables, as if it had been recorded `now`."""
    later = now - datetime.fromisoformat(facts_of(folder).recorded_at)
    cursor.execute("SET session_replication_role = replica")  # neither triggers nor foreign keys look on
    for table, kept in json.loads((folder / ROWS).read_text()).items():
        columns = ", ".join(f'"{name}"' for name in kept["columns"])
        cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 (names of tables)
        cursor.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN', StringIO(kept["rows"]))
        _move(table, cursor, later=later)
    cursor.execute(SEQUENCES)
    cursor.execute("SET session_replication_role = DEFAULT")


def _rows_of(table: str, cursor: Any) -> dict[str, Any]:
    names = [name for name, _ in _columns_of(table, cursor)]
    columns, rows = ", ".join(f'"{name}"' for name in names), StringIO()
    cursor.copy_expert(f'COPY "{table}" ({columns}) TO STDOUT', rows)
    return {"columns": names, "rows": rows.getvalue()}


def _columns_of(table: str, cursor: Any) -> list[tuple[str, str]]:
    cursor.execute(COLUMNS, [table])
    return [(name, kind) for name, kind in cursor.fetchall()]


def _move(table: str, cursor: Any, *, later: Any) -> None:
    """Move all times of a table."""
    times = [name for name, kind in _columns_of(table, cursor) if kind == "timestamp with time zone"]
    if times:
        moved = ", ".join(f'"{name}" = "{name}" + %s' for name in times)
        cursor.execute(f'UPDATE "{table}" SET {moved}', [later] * len(times))  # noqa: S608 (as above)
