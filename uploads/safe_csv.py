"""CSV files that we hand out: spreadsheet programs read them as UTF-8 and run nothing in them."""

import io
from collections.abc import Callable
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import TextIO

from django.core.files.base import File

from jobs import files
from jobs.models import StoredFile
from uploads.models import Upload
from uploads.rules import FORMULA_SIGNS

RISKY_STARTS = (*FORMULA_SIGNS, "\t", "\r", "\n")


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


def made_safe(cell: str) -> str:
    """Return the cell so that no spreadsheet program runs it as a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(RISKY_STARTS) else cell
