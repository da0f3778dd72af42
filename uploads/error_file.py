"""Writing the error file: the wrong rows as the person wrote them, with what is wrong."""

import csv
import io
from collections.abc import Sequence
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import IO

from django.core.files.base import File

from jobs import files
from jobs.models import StoredFile
from uploads.columns import PROBLEM_HEADING, plain
from uploads.models import Upload
from uploads.reading import Layout, read_rows
from uploads.rules import FORMULA_SIGNS
from uploads.staging import Staging

RISKY_STARTS = (*FORMULA_SIGNS, "\t", "\r", "\n")


def write_error_file(file: IO[bytes], *, layout: Layout, staging: Staging, upload: Upload) -> StoredFile:
    """Store the file's wrong rows, in its own columns and a first one that says what is wrong.

    The file can be corrected and uploaded as it is: that first column is not read.
    """
    with TemporaryFile("w+b") as target:
        # The mark at the start makes spreadsheet programs read the file as UTF-8.
        text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
        _write_rows(text, file, layout=layout, staging=staging)
        text.detach()
        return files.store(
            school=upload.school,
            name=f"{PurePath(upload.file.name).stem} wrong rows.csv",
            media_type="text/csv",
            content=File(target),
            job=upload.check_job,
        )


def _write_rows(text: io.TextIOWrapper, file: IO[bytes], *, layout: Layout, staging: Staging) -> None:
    added = {place for place, heading in enumerate(layout.headings) if plain(heading) == PROBLEM_HEADING}
    writer = csv.writer(text, delimiter=layout.delimiter)
    writer.writerow([PROBLEM_HEADING, *_own(layout.headings, added)])
    rows = read_rows(file, layout=layout)
    for number, problem in staging.wrong_rows():
        row = next(row for row in rows if row.number == number)
        writer.writerow([f"Row {number}: {problem}", *_own(row.cells, added)])
    text.flush()


def _own(cells: Sequence[str], added: set[int]) -> list[str]:
    return [made_safe(cell) for place, cell in enumerate(cells) if place not in added]


def made_safe(cell: str) -> str:
    """Return the cell so that no spreadsheet program runs it as a formula (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell.startswith(RISKY_STARTS) else cell
