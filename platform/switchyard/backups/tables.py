"""The tables of the database: what they hold, as PostgreSQL's COPY writes and reads it."""

from collections.abc import Iterable
from typing import IO, Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg2 import sql

from switchyard.backups import CannotBackUp

APPLIED = "django_migrations"
"""Django's own note of the migrations; it comes of migrating, not of a backup."""
TABLES = """
SELECT class.relname, array_agg(attribute.attname::text ORDER BY attribute.attnum)
FROM pg_class class JOIN pg_attribute attribute ON attribute.attrelid = class.oid
WHERE class.relkind = 'r' AND class.relnamespace = current_schema()::regnamespace AND class.relname <> %s
    AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
GROUP BY class.relname ORDER BY class.relname
"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
Migrations = set[tuple[str, str]]


def be_patient() -> None:
    """Let this connection wait within a transaction while files are copied."""
    _run("SET idle_in_transaction_session_timeout = 0")


def begin_snapshot() -> None:
    """See the database as it is now until the transaction ends, and change nothing."""
    _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def others_connected() -> int:
    """Return how many other connections this database has."""
    return int(_run(OTHERS)[0][0])


def columns_by_table() -> dict[str, list[str]]:
    """Return the columns of each table, without those that the database reckons itself."""
    return dict(_run(TABLES, [APPLIED]))


def sequences() -> dict[str, int | None]:
    """Return the last number of each sequence; None where none was drawn."""
    return dict(_run(SEQUENCES))


def write_rows(table: str, columns: Iterable[str], *, to: IO[bytes]) -> int:
    """Write the table's rows and return how many."""
    return _copy("COPY (SELECT {columns} FROM {table}) TO STDOUT", table, columns, to)


def read_rows(table: str, columns: Iterable[str], *, source: IO[bytes]) -> int:
    """Add the rows that `write_rows` wrote and return how many."""
    return _copy("COPY {table} ({columns}) FROM STDIN", table, columns, source)


def clear(tables: Iterable[str]) -> None:
    """Take all rows out of the tables."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    _run(sql.SQL("TRUNCATE {}").format(names))


def set_sequences(last: dict[str, int | None]) -> None:
    """Let each sequence go on after its last number."""
    for name, value in last.items():
        _run("SELECT setval(quote_ident(%s), %s, %s)", [name, value or 1, value is not None])


def migrations() -> Migrations:
    """Return the migrations that were done."""
    return set(MigrationExecutor(connection).loader.applied_migrations)


def migrate_to(wanted: Migrations) -> None:
    """Do the migrations `wanted`, and no others.

    Raises:
        CannotBackUp: this code has not all of them, or others are done already.
    """
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    if unknown := sorted(wanted - graph.nodes.keys()):
        name = ".".join(unknown[0])
        message = (
            f"The backup was made by a newer Switchyard, which has the migration {name}. Use that version."
        )
        raise CannotBackUp(message)
    if set(executor.loader.applied_migrations) - wanted:
        message = (
            "This database has migrations that the backup has not. Restore into an empty database; "
            "its tables are made as they were, and brought up to date then."
        )
        raise CannotBackUp(message)
    last = [node for node in wanted if not {child.key for child in graph.node_map[node].children} & wanted]
    executor.migrate(sorted(last))


def _copy(statement: str, table: str, columns: Iterable[str], stream: IO[bytes]) -> int:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor() as cursor:
        cursor.copy_expert(sql.SQL(statement).format(table=sql.Identifier(table), columns=names), stream)
        return int(cursor.rowcount)


def _run(statement: str | sql.Composed, arguments: Iterable[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(arguments) or None)
        return list(cursor.fetchall()) if cursor.description else []
