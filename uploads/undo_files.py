"""What an import wrote and what was there before, kept as a file for as long as its job."""

from pathlib import PurePath
from tempfile import TemporaryFile

import polars as pl
from django.core.files.base import File

from jobs import files
from jobs.models import Job, StoredFile
from uploads.comparing import Comparison
from uploads.models import Upload

AFTER, BEFORE = "after ", "before "
MEDIA_TYPE = "application/vnd.apache.parquet"


def keep_undo(comparison: Comparison, *, with_others: bool, upload: Upload, job: Job) -> StoredFile | None:
    """Store the rows that an import writes, and what the changed ones were; None when it writes none.

    Columns: `is_new`, `row`, the key's, and of each other column `after ...` and, where the file has it,
    `before ...`.
    """
    before, after = comparison.taken(with_others=with_others)
    if not before.height and not comparison.new.len():
        return None
    keys = list(comparison.dataset.key)
    others = [column.name for column in comparison.dataset.columns if column.name not in keys]
    held = [column.name for column in comparison.compared]
    new = comparison.new_rows.select(
        pl.lit(value=True).alias("is_new"),
        "row",
        *keys,
        *[(pl.col(name) if name in held else pl.lit("")).alias(AFTER + name) for name in others],
    )
    changed = after.select(
        pl.lit(value=False).alias("is_new"),
        "row",
        *keys,
        *[pl.col(name).alias(AFTER + name) for name in held],
    ).with_columns([before[name].alias(BEFORE + name) for name in held])
    with TemporaryFile("w+b") as target:
        pl.concat([new, changed], how="diagonal").write_parquet(target, compression_level=1)
        target.flush()
        return files.store(
            school=upload.school,
            name=f"{PurePath(upload.file.name).stem} as it was.parquet",
            media_type=MEDIA_TYPE,
            content=File(target),
            job=job,
        )
