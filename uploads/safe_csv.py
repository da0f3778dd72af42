"""CSV files that an upload's check hands out: spreadsheet programs read them as UTF-8."""

import io
from collections.abc import Callable
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import TextIO

from django.core.files.base import File

from jobs import files
from jobs.models import StoredFile
from uploads.models import Upload


def store_csv(write: Callable[[TextIO], None], *, upload: Upload, ending: str) -> StoredFile:
    """Store what `write` writes as a result of the upload's check, named as its file with `ending`."""
    with TemporaryFile("w+b") as target:
        # The mark at the start makes spreadsheet programs read the file as UTF-8.
        text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
        write(text)
        text.flush()
        text.detach()
        return files.store(
            school=upload.school,
            name=f"{PurePath(upload.file.name).stem} {ending}.csv",
            media_type="text/csv",
            content=File(target),
            job=upload.check_job,
        )
