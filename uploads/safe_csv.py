"""CSV files that an upload's check hands out: spreadsheet programs read them as UTF-8 and run nothing."""

import codecs
import io
from collections.abc import Callable
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import IO

import polars as pl
from django.core.files.base import File

from jobs import files
from jobs.models import Job, StoredFile
from jobs.spreadsheets import RISKY_STARTS
from uploads.models import Upload


def store_csv(
    write: Callable[[IO[bytes]], object], *, upload: Upload, ending: str, job: Job | None = None
) -> StoredFile:
    """Store what `write` writes as a result of the job, or of the check, named as the file with `ending`."""
    with TemporaryFile("w+b") as target:
        # The mark at the start makes spreadsheet programs read the file as UTF-8.
        target.write(codecs.BOM_UTF8)
        write(target)
        target.flush()
        return files.store(
            school=upload.school,
            name=f"{PurePath(upload.file.name).stem} {ending}.csv",
            media_type="text/csv",
            content=File(target),
            job=job or upload.check_job,
        )


def written_rows(frame: pl.DataFrame, *, delimiter: str = ",", heads: bool = True) -> bytes:
    """Return a frame of text as CSV, so written that no spreadsheet program runs a cell as a formula."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    doubts = frame.select(_may_be_risky(pl.col(name)).any().alias(name) for name in texts)
    risky = [name for name, is_there in doubts.row(0, named=True).items() if is_there] if texts else []
    target = io.BytesIO()
    frame.with_columns(_made_safe(pl.col(name)).alias(name) for name in risky).write_csv(
        target, separator=delimiter, line_terminator="\r\n", include_header=heads
    )
    return target.getvalue()


def _may_be_risky(cell: pl.Expr) -> pl.Expr:
    """Doubt each cell that sorts where one with a risky start does: that is far quicker to tell."""
    before_digits, behind_digits = (cell != "") & (cell < "0"), (cell >= ":") & (cell < "A")
    return before_digits | behind_digits


def _made_safe(cell: pl.Expr) -> pl.Expr:
    """Do what `jobs.spreadsheets.made_safe` does to one cell."""
    is_risky = pl.any_horizontal(cell.str.starts_with(sign) for sign in RISKY_STARTS)
    return pl.when(is_risky).then(pl.concat_str(pl.lit("'"), cell)).otherwise(cell)
