"""What an import wrote and what was there before, kept as a file for as long as its job."""

import io
from collections.abc import Iterator
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import IO

import polars as pl
from django.core.files.base import File

from jobs import files
from jobs.models import Job, StoredFile
from uploads.comparing import Comparison
from uploads.models import Upload

AFTER, BEFORE = "after ", "before "
MEDIA_TYPE = "application/octet-stream"
LENGTH_BYTES = 8
"""Each of the file's frames, in the stream format of Arrow, stands behind its length."""


def keep_undo(comparison: Comparison, *, with_others: bool, upload: Upload, job: Job) -> StoredFile | None:
    """Store the rows that an import writes, and what the changed ones were; None when it writes none."""
    taken = comparison.taken(with_others=with_others)
    if not taken.height and not comparison.new.len():
        return None
    with TemporaryFile("w+b") as target:
        for frame in _frames(comparison, taken):
            _write(frame, target)
        target.flush()
        return files.store(
            school=upload.school,
            name=f"{PurePath(upload.file.name).stem} as it was.undo",
            media_type=MEDIA_TYPE,
            content=File(target),
            job=job,
        )


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


def _frames(comparison: Comparison, taken: pl.DataFrame) -> Iterator[pl.DataFrame]:
    keys = list(comparison.dataset.key)
    held = [column.name for column in comparison.compared]
    others = [column.name for column in comparison.dataset.columns if column.name not in keys]
    for rows in comparison.added():
        after = [(pl.col(name) if name in held else pl.lit("")).alias(AFTER + name) for name in others]
        yield rows.select(pl.lit(value=True).alias("is_new"), "row", *keys, *after)
    for change in comparison.changes(taken):
        after = [pl.col(name).alias(AFTER + name) for name in held]
        before = [change.before[name].alias(BEFORE + name) for name in held]
        rows = change.after.select(pl.lit(value=False).alias("is_new"), "row", *keys, *after)
        yield rows.with_columns(before)


def _write(frame: pl.DataFrame, target: IO[bytes]) -> None:
    written = io.BytesIO()
    frame.write_ipc_stream(written, compression="lz4")
    target.write(len(written.getvalue()).to_bytes(LENGTH_BYTES))
    target.write(written.getvalue())
