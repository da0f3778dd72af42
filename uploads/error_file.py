"""Writing the error file: the wrong rows as the person wrote them, with what is wrong."""

import csv
from collections.abc import Sequence
from typing import IO, TextIO

from jobs.models import StoredFile
from jobs.spreadsheets import made_safe
from uploads.columns import PROBLEM_HEADING, plain
from uploads.models import Upload
from uploads.reading import Layout, read_rows
from uploads.safe_csv import store_csv
from uploads.staging import Staging


def write_error_file(file: IO[bytes], *, layout: Layout, staging: Staging, upload: Upload) -> StoredFile:
    """Store the file's wrong rows, in its own columns and a first one that says what is wrong.

    The file can be corrected and uploaded as it is: that first column is not read.
    """
    return store_csv(
        lambda text: _write_rows(text, file, layout=layout, staging=staging),
        upload=upload,
        ending="wrong rows",
    )


def _write_rows(text: TextIO, file: IO[bytes], *, layout: Layout, staging: Staging) -> None:
    added = {place for place, heading in enumerate(layout.headings) if plain(heading) == PROBLEM_HEADING}
    writer = csv.writer(text, delimiter=layout.delimiter)
    writer.writerow([PROBLEM_HEADING, *_own(layout.headings, added)])
    rows = read_rows(file, layout=layout)
    for number, problem in staging.wrong_rows():
        row = next(row for row in rows if row.number == number)
        writer.writerow([f"Row {number}: {problem}", *_own(row.cells, added)])


def _own(cells: Sequence[str], added: set[int]) -> list[str]:
    return [made_safe(cell) for place, cell in enumerate(cells) if place not in added]
