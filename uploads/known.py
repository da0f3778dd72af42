"""What a school's rows of a dataset are now, read from PostgreSQL in one COPY."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from django.db import connection
from psycopg2.sql import SQL, Composable, Identifier, Literal

from uploads.cells import Reference
from uploads.datasets import DATASETS, Column, Dataset

ID = "id"
TABLE = "known"


def known_rows(dataset: Dataset, *, columns: Sequence[Column], school_id: int) -> pl.DataFrame:
    """Return `id` and the columns of all the school's rows, as the database writes them; NULL is empty."""
    chosen = [SQL("{}.id").format(Identifier(TABLE)), *[_shown(dataset, column) for column in columns]]
    joins = SQL(" ").join(_join(dataset, column) for column in columns if isinstance(column.cell, Reference))
    statement = SQL("SELECT {columns} FROM {table} {name} {joins} WHERE {name}.school_id = {school}").format(
        columns=SQL(", ").join(chosen),
        table=Identifier(dataset.table),
        name=Identifier(TABLE),
        joins=joins,
        school=Literal(school_id),
    )
    names = [column.name for column in columns]
    return _copied(statement, {ID: pl.Int64, **dict.fromkeys(names, pl.String)})


def known_keys(columns: Sequence[Column], *, school_id: int) -> dict[str, pl.DataFrame]:
    """Return the rows that references may name, `id` and `key`, by the column that holds the reference."""
    cells = {column.name: column.cell for column in columns}
    return {
        name: _keys_of(DATASETS[cell.dataset], school_id=school_id)
        for name, cell in cells.items()
        if isinstance(cell, Reference)
    }


def _keys_of(other: Dataset, *, school_id: int) -> pl.DataFrame:
    (key,) = other.key
    return known_rows(other, columns=[other.column(key)], school_id=school_id).rename({key: "key"})


def _shown(dataset: Dataset, column: Column) -> Composable:
    if isinstance(column.cell, Reference):
        (key,) = DATASETS[column.cell.dataset].key
        return Identifier(f"of_{column.name}", key)
    return Identifier(TABLE, str(dataset.field(column.name).column))


def _join(dataset: Dataset, column: Column) -> Composable:
    assert isinstance(column.cell, Reference)  # noqa: S101 - asked of references only
    return SQL("LEFT JOIN {table} {name} ON {name}.id = {field}").format(
        table=Identifier(DATASETS[column.cell.dataset].table),
        name=Identifier(f"of_{column.name}"),
        field=Identifier(TABLE, str(dataset.field(column.name).column)),
    )


def _copied(statement: Composable, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    with TemporaryDirectory(prefix="known-") as folder, connection.cursor() as cursor:
        path = Path(folder, "rows.csv")
        with path.open("wb", buffering=1 << 20) as file:
            cursor.copy_expert(SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(statement), file)
        if not path.stat().st_size:
            return pl.DataFrame(schema=schema)
        return pl.read_csv(path, has_header=False, schema=schema, empty_string_is_null=False)
