"""Writing what a comparison found into the dataset's table: new rows by COPY, changed ones by one UPDATE.

Unchanged rows are not written. The caller holds the transaction and the school's lock.
"""

import io
from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from django.db import IntegrityError, connection
from psycopg2.sql import SQL, Composable, Identifier

from jobs.retries import TemporaryFailure
from jobs.verbs import WorkingPart
from uploads.cells import Reference
from uploads.comparing import Comparison
from uploads.datasets import Column, Dataset
from uploads.known import ID

ROWS_A_COPY = 50_000
STAGING = "upload_change"
DROP = f"DROP TABLE IF EXISTS pg_temp.{STAGING}"
MOVED_ON = "Somebody else changed the same rows while they were written."

Keys = Mapping[str, pl.DataFrame]
"""The rows that references name, `id` and `key`, by the column that holds the reference."""


def write(
    comparison: Comparison, *, school_id: int, with_others: bool, keys: Keys, part: WorkingPart
) -> None:
    """Write the new and the changed rows, in the order of their key; those of other people if `with_others`.

    Raises:
        TemporaryFailure: somebody else wrote the same rows meanwhile.
    """
    writer = _Writer(comparison, school_id=school_id, keys=keys, part=part)
    is_taken = pl.lit(value=True) if with_others else ~pl.col("is_other")
    try:
        writer.add(comparison.good[comparison.new])
        writer.change(
            comparison.after.with_columns(
                id=comparison.before[ID], is_other=comparison.changed["is_other"]
            ).filter(is_taken)
        )
    except IntegrityError as error:
        raise TemporaryFailure(MOVED_ON) from error


class _Writer:
    """Writes the rows of one import and tells its part how far it is."""

    def __init__(self, comparison: Comparison, *, school_id: int, keys: Keys, part: WorkingPart) -> None:
        self._dataset: Dataset = comparison.dataset
        self._columns: Sequence[Column] = comparison.columns
        self._compared = comparison.compared
        self._school_id = school_id
        self._keys = keys
        self._part = part
        self._done = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Copy new rows into the table; columns that the file lacks are empty."""
        names = {column.name for column in self._columns}
        lacking = {column.name: pl.lit("") for column in self._dataset.columns if column.name not in names}
        columns = self._dataset.columns
        ready = self._linked(rows.sort(self._dataset.key)).with_columns(**lacking)
        values = ready.select(
            pl.lit(self._school_id).alias("school_id"), *[column.name for column in columns]
        )
        fields = [Identifier("school_id"), *[self._field(column) for column in columns]]
        self._copy(values, Identifier(self._dataset.table), fields, columns)

    def change(self, rows: pl.DataFrame) -> None:
        """Bring known rows up to date by their `id`."""
        if not rows.height or not self._compared:
            return
        fields = [self._field(column) for column in self._compared]
        staged = self._linked(rows.sort(ID)).select(ID, *[column.name for column in self._compared])
        with connection.cursor() as cursor:
            cursor.execute(DROP)
            cursor.execute(self._staging_table())
            self._copy(staged, Identifier(STAGING), [Identifier(ID), *fields], self._compared)
            cursor.execute(self._update(fields), {"school": self._school_id})
            if cursor.rowcount != rows.height:
                raise TemporaryFailure(MOVED_ON)
            cursor.execute(DROP)

    def _staging_table(self) -> Composable:
        kinds = [
            SQL("{} {}").format(
                self._field(column), SQL(str(self._dataset.field(column.name).db_type(connection)))
            )
            for column in self._compared
        ]
        return SQL("CREATE TEMPORARY TABLE {} (id bigint, {})").format(
            Identifier(STAGING), SQL(", ").join(kinds)
        )

    def _update(self, fields: Sequence[Identifier]) -> Composable:
        return SQL(
            "UPDATE {table} AS kept SET {changes} FROM {staging} AS given "
            "WHERE kept.id = given.id AND kept.school_id = %(school)s"
        ).format(
            table=Identifier(self._dataset.table),
            staging=Identifier(STAGING),
            changes=SQL(", ").join(SQL("{0} = given.{0}").format(field) for field in fields),
        )

    def _copy(
        self, rows: pl.DataFrame, table: Identifier, fields: Sequence[Identifier], columns: Sequence[Column]
    ) -> None:
        empty: dict[bool, list[Composable]] = {True: [], False: []}
        for column in columns:
            empty[self._dataset.field(column.name).null].append(self._field(column))
        options: list[Composable] = [SQL("FORMAT csv")]
        for word, named in (("FORCE_NULL", empty[True]), ("FORCE_NOT_NULL", empty[False])):
            if named:
                options.append(SQL("{} ({})").format(SQL(word), SQL(", ").join(named)))
        statement = SQL("COPY {} ({}) FROM STDIN ({})").format(
            table, SQL(", ").join(fields), SQL(", ").join(options)
        )
        with connection.cursor() as cursor:
            for slice_ in self._slices(rows):
                cursor.copy_expert(statement, io.BytesIO(slice_.write_csv(include_header=False).encode()))

    def _slices(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield some rows at a time; between them the part may be taken away, and tells how far it is."""
        for start in range(0, rows.height, ROWS_A_COPY):
            self._part.check()
            slice_ = rows.slice(start, ROWS_A_COPY)
            yield slice_
            self._done += slice_.height
            self._part.report(done=min(self._done, self._part.units))
        self._part.check()

    def _linked(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with ids where they name rows of other datasets."""
        for name, keys in self._keys.items():
            ids = keys.select(pl.col("key").alias(name), pl.col(ID).cast(pl.String).alias("linked"))
            rows = (
                rows.join(ids, on=name, how="left", maintain_order="left")
                .with_columns(pl.col("linked").fill_null("").alias(name))
                .drop("linked")
            )
        return rows

    def _field(self, column: Column) -> Identifier:
        assert not isinstance(column.cell, Reference) or column.name in self._keys  # noqa: S101
        return Identifier(str(self._dataset.field(column.name).column))
