"""What an import wrote and what was there before, kept as a file for as long as its job."""

import io
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import IO

import polars as pl
from django.core.files.base import File

from jobs import files
from jobs.models import Job, StoredFile
from uploads.comparing import Change, Comparison
from uploads.models import Upload

AFTER, BEFORE = "after ", "before "
MEDIA_TYPE = "application/octet-stream"
LENGTH_BYTES = 8
"""Each of the file's frames, in the stream format of Arrow, stands behind its length."""


class Undo:
    """Notes the rows that an import writes, and what the changed ones were, on their way to the database."""

    def __init__(self, comparison: Comparison, *, to: IO[bytes]) -> None:
        """Write notes `to` a file of this process."""
        self._comparison = comparison
        self._file = to

    def adding(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield new rows, noted."""
        for rows in frames:
            self._note(_added(rows, self._comparison))
            yield rows

    def changing(self, changes: Iterable[Change]) -> Iterator[pl.DataFrame]:
        """Yield changed rows as they will be, noted."""
        for change in changes:
            self._note(_changed(change, self._comparison))
            yield change.after

    def store(self, *, upload: Upload, job: Job) -> StoredFile | None:
        """Store the notes as a file of the job; None when no row was written."""
        if not self._file.tell():
            return None
        self._file.flush()
        return files.store(
            school=upload.school,
            name=f"{PurePath(upload.file.name).stem} as it was.undo",
            media_type=MEDIA_TYPE,
            content=File(self._file),
            job=job,
        )

    def _note(self, frame: pl.DataFrame) -> None:
        written = io.BytesIO()
        frame.write_ipc_stream(written, compression="lz4")
        self._file.write(len(written.getvalue()).to_bytes(LENGTH_BYTES))
        self._file.write(written.getvalue())


def kept_rows(stored: StoredFile) -> pl.DataFrame:
    """Return what an import wrote.

    Columns: `is_new`, `row`, the key's, and of each other column `after ...` and, where the file had it,
    `before ...`.
    """
    with stored.content.open("rb") as content:
        frames = []
        while length := content.read(LENGTH_BYTES):
            frames.append(pl.read_ipc_stream(io.BytesIO(content.read(int.from_bytes(length)))))
    return pl.concat(frames, how="diagonal")


def _added(rows: pl.DataFrame, comparison: Comparison) -> pl.DataFrame:
    dataset, held = comparison.dataset, {column.name for column in comparison.compared}
    others = [column.name for column in dataset.columns if column.name not in dataset.key]
    after = [(pl.col(name) if name in held else pl.lit("")).alias(AFTER + name) for name in others]
    return rows.select(pl.lit(value=True).alias("is_new"), "row", *dataset.key, *after)


def _changed(change: Change, comparison: Comparison) -> pl.DataFrame:
    held = [column.name for column in comparison.compared]
    after = [pl.col(name).alias(AFTER + name) for name in held]
    before = [change.before[name].alias(BEFORE + name) for name in held]
    rows = change.after.select(pl.lit(value=False).alias("is_new"), "row", *comparison.dataset.key, *after)
    return rows.with_columns(before)
