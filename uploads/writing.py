"""Writing rows of a dataset: new ones by COPY in the order of their key, changed ones by one UPDATE.

The caller holds the transaction and the school's lock.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

import polars as pl
from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy as _
from psycopg2.sql import SQL, Composable, Identifier

from jobs import walls
from jobs.retries import TemporaryFailure
from jobs.verbs import WorkingPart
from uploads.ahead import ahead
from uploads.comparing import Comparison
from uploads.datasets import Column, Dataset
from uploads.known import ID
from uploads.undo_files import Undo

STAGING = "upload_change"
DROP = f"DROP TABLE IF EXISTS pg_temp.{STAGING}"
MOVED_ON = _("Somebody else changed the same rows while they were written.")

Frames = Iterable[pl.DataFrame]
"""Rows, some at a time."""
Keys = Mapping[str, pl.DataFrame]
"""The rows that references name, `id` and `key`, by the column that holds the reference."""


def write(
    comparison: Comparison, *, school_id: int, with_others: bool, keys: Keys, undo: Undo, part: WorkingPart
) -> None:
    """Write the new and the changed rows, those that look like other people only if `with_others`.

    `undo` notes what is written.

    Raises:
        TemporaryFailure: somebody else wrote the same rows meanwhile.
    """
    writer = Writer(comparison.dataset, school_id=school_id, keys=keys, part=part)
    taken = comparison.taken(with_others=with_others)
    try:
        writer.add(undo.adding(comparison.added()), columns=comparison.columns)
        if taken.height:
            writer.change(undo.changing(comparison.changes(taken)), columns=comparison.compared)
    except IntegrityError as error:
        raise TemporaryFailure(str(MOVED_ON)) from error


class Writer:
    """Writes rows of one dataset and school, and tells its part how far it is."""

    def __init__(self, dataset: Dataset, *, school_id: int, keys: Keys, part: WorkingPart) -> None:
        """Write nothing yet."""
        self._dataset = dataset
        self._school_id = school_id
        self._keys = keys
        self._part = part
        self._done = 0

    def add(self, frames: Frames, *, columns: Sequence[Column]) -> None:
        """Copy new rows into the table; columns of the dataset beside these are empty."""
        names = {column.name for column in columns}
        all_columns = self._dataset.columns
        lacking = {column.name: pl.lit("") for column in all_columns if column.name not in names}
        school = pl.lit(self._school_id).alias("school_id")
        values = (
            self._linked(frame)
            .with_columns(**lacking)
            .select(school, *[column.name for column in all_columns])
            for frame in frames
        )
        # PostgreSQL copies nothing into a table past its policies; the school of each row is written here.
        with walls.around(None):
            self._copy(values, Identifier(self._dataset.table), [Identifier("school_id")], all_columns)

    def change(self, frames: Frames, *, columns: Sequence[Column]) -> None:
        """Bring these columns of known rows up to date by their `id`.

        Raises:
            TemporaryFailure: one of the rows is not there any more.
        """
        values = (self._linked(frame).select(ID, *[column.name for column in columns]) for frame in frames)
        changes = SQL(", ").join(SQL("{0} = given.{0}").format(self._field(column)) for column in columns)
        statement = SQL("UPDATE {} AS kept SET {} FROM").format(Identifier(self._dataset.table), changes)
        self._staged(values, columns, statement)

    def remove(self, frames: Frames) -> None:
        """Delete known rows by their `id`.

        Raises:
            TemporaryFailure: one of the rows is not there any more.
        """
        statement = SQL("DELETE FROM {} AS kept USING").format(Identifier(self._dataset.table))
        self._staged((frame.select(ID) for frame in frames), (), statement)

    def _staged(self, frames: Frames, columns: Sequence[Column], statement: Composable) -> None:
        """Do the statement with the rows, which it finds as `given`."""
        with connection.cursor() as cursor:
            cursor.execute(DROP)
            cursor.execute(self._staging_table(columns))
            count = self._copy(frames, Identifier(STAGING), [Identifier(ID)], columns)
            condition = SQL("{} {} AS given WHERE kept.id = given.id AND kept.school_id = %(school)s")
            cursor.execute(condition.format(statement, Identifier(STAGING)), {"school": self._school_id})
            if cursor.rowcount != count:
                raise TemporaryFailure(str(MOVED_ON))
            cursor.execute(DROP)

    def _staging_table(self, columns: Sequence[Column]) -> Composable:
        fields: list[Composable] = [SQL("id bigint")]
        for column in columns:
            kind = str(self._dataset.field(column.name).db_type(connection))
            fields.append(SQL("{} {}").format(self._field(column), SQL(kind)))
        return SQL("CREATE TEMPORARY TABLE {} ({})").format(Identifier(STAGING), SQL(", ").join(fields))

    def _copy(
        self, frames: Frames, table: Identifier, first: Sequence[Identifier], columns: Sequence[Column]
    ) -> int:
        """Copy the rows into the table and return how many they were.

        Between frames the part may be taken away, and it tells how far it is.
        """
        fields = [*first, *[self._field(column) for column in columns]]
        statement = SQL("COPY {} ({}) FROM STDIN ({})").format(
            table, SQL(", ").join(fields), SQL(", ").join(self._options(columns))
        )
        texts = ((frame.height, _csv(frame)) for frame in frames)
        count = 0
        with connection.cursor() as cursor, closing(ahead(texts)) as made:
            for height, text in made:
                self._part.check()
                cursor.copy_expert(statement, text)
                count += height
                self._part.report(done=min(self._done + count, self._part.units))
        self._done += count
        self._part.check()
        return count

    def _options(self, columns: Sequence[Column]) -> list[Composable]:
        """Return how COPY reads what is empty: as NULL where the field may be NULL."""
        empty: dict[bool, list[Composable]] = {True: [], False: []}
        for column in columns:
            empty[self._dataset.field(column.name).null].append(self._field(column))
        options: list[Composable] = [SQL("FORMAT csv")]
        for word, named in (("FORCE_NULL", empty[True]), ("FORCE_NOT_NULL", empty[False])):
            if named:
                options.append(SQL("{} ({})").format(SQL(word), SQL(", ").join(named)))
        return options

    def _linked(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with ids where they name rows of other datasets."""
        for name, keys in self._keys.items():
            if name not in rows.columns:
                continue
            ids = keys.select(pl.col("key").alias(name), pl.col(ID).cast(pl.String).alias("linked"))
            linked = rows.join(ids, on=name, how="left", maintain_order="left")
            rows = linked.with_columns(pl.col("linked").fill_null("").alias(name)).drop("linked")
        return rows

    def _field(self, column: Column) -> Identifier:
        return Identifier(str(self._dataset.field(column.name).column))


def _csv(frame: pl.DataFrame) -> io.BytesIO:
    text = io.BytesIO()
    frame.write_csv(text, include_header=False)
    text.seek(0)
    return text
