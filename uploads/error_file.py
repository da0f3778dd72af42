"""Writing the error file: the wrong rows as the person wrote them, in their format, with what is wrong."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from tempfile import NamedTemporaryFile
from typing import IO

import polars as pl
import xlsxwriter
from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import files
from jobs.models import StoredFile
from jobs.spreadsheets import made_safe
from uploads.examining import Examination
from uploads.headings import PROBLEM_HEADING, plain
from uploads.models import Upload
from uploads.pairs import in_pairs
from uploads.reading import Table
from uploads.safe_csv import store_csv, written_rows

ENDING = gettext_lazy("wrong rows")
MOST_WORKBOOK_ROWS = 100_000
"""More wrong rows of a workbook go into a CSV file: a workbook takes some 9 seconds for a million cells."""
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT_FORMAT = 49
"""The number of the format "text" (ECMA-376, part 1, 18.8.30)."""
WORKBOOK_OPTIONS = {"constant_memory": True}
SHEET, SHEET_CHARACTERS = gettext_lazy("Wrong rows"), 31
"""The name of the sheet, and how long one may be (ECMA-376, part 1, 18.2.19)."""
COLUMN_WIDTH, REASON_WIDTH = 18, 60


def write_error_file(examination: Examination, *, upload: Upload) -> StoredFile:
    """Store the file's wrong rows, in its own columns and a first one that says what is wrong.

    The file can be corrected and uploaded as it is: that first column is not read. Rows with more or fewer
    cells than headings stand last.
    """
    rows = _WrongRows(examination)
    if examination.table.sheet and examination.checked.wrong_rows <= MOST_WORKBOOK_ROWS:
        return _store_workbook(rows, upload=upload)
    return store_csv(lambda target: _write_csv(target, rows), upload=upload, ending=str(ENDING))


class _WrongRows:
    """The wrong rows of a table: `reasons`, then its own columns."""

    def __init__(self, examination: Examination) -> None:
        self.table: Table = examination.table
        self._reasons = _reasons(examination.checked.problems)
        headings = enumerate(self.table.headings)
        self._own = [place for place, heading in headings if plain(heading) != PROBLEM_HEADING]

    @property
    def headings(self) -> list[str]:
        return [PROBLEM_HEADING, *[self.table.headings[place] for place in self._own]]

    def of(self, block: pl.DataFrame) -> pl.DataFrame:
        """Return the wrong ones of a block."""
        wrong = block.join(self._reasons, on="row", maintain_order="left")
        return wrong.select("reasons", *[f"c{place}" for place in self._own])

    def ragged(self) -> Iterator[list[str]]:
        """Yield those with more or fewer cells."""
        width = len(self._own)
        beyond = max(self._own, default=width)
        ragged = self.table.ragged.join(self._reasons, on="row", maintain_order="left")
        for cells, reasons in ragged.select("cells", "reasons").iter_rows():
            kept = [cell for place, cell in enumerate(cells) if place in self._own or place > beyond]
            yield [reasons, *kept]


def _reasons(problems: pl.DataFrame) -> pl.DataFrame:
    """Return each wrong row with a sentence of all that is wrong with it."""
    column = pl.when(pl.col("column") == "").then(pl.lit("")).otherwise(pl.concat_str("column", pl.lit(": ")))
    sentence = pl.concat_str(column, "reason", pl.lit(" "), "remedy")
    return (
        problems.group_by("row", maintain_order=True)
        .agg(sentence.str.join(" ").alias("sentence"))
        .select("row", reasons=pl.format(_("Row {}: {}"), "row", "sentence"))
    )


def _write_csv(target: IO[bytes], rows: _WrongRows) -> None:
    delimiter = rows.table.delimiter
    target.write(_as_csv([rows.headings], delimiter=delimiter))

    def written(block: pl.DataFrame) -> bytes:
        return written_rows(rows.of(block), delimiter=delimiter, heads=False)

    target.writelines(in_pairs(written, rows.table.blocks()))
    target.write(_as_csv(rows.ragged(), delimiter=delimiter))


def _as_csv(rows: "Iterator[list[str]] | Sequence[list[str]]", *, delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(map(made_safe, row) for row in rows)
    return text.getvalue().encode()


def _store_workbook(rows: _WrongRows, *, upload: Upload) -> StoredFile:
    with NamedTemporaryFile(suffix=".xlsx") as target:
        _write_workbook(target.name, rows)
        return files.store(
            school=upload.school,
            name=f"{PurePath(upload.file.name).stem} {ENDING}.xlsx",
            media_type=WORKBOOK_TYPE,
            content=File(target),
            job=upload.check_job,
        )


def _write_workbook(path: str, rows: _WrongRows) -> None:
    """Write all cells as text: zeros stay, whatever is typed there later, and no cell is run as a formula."""
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as book:
        text = book.add_format({"num_format": TEXT_FORMAT})
        sheet = book.add_worksheet(str(SHEET)[:SHEET_CHARACTERS])
        sheet.set_column(0, 0, REASON_WIDTH, text)
        sheet.set_column(1, max(1, len(rows.headings) - 1), COLUMN_WIDTH, text)
        sheet.freeze_panes(1, 1)
        for at, place, cell in _cells(rows):
            sheet.write_string(at, place, cell, text)


def _cells(rows: _WrongRows) -> Iterator[tuple[int, int, str]]:
    """Yield row and column, from 0, and text of each cell that holds something."""
    for at, cells in enumerate(_all(rows)):
        yield from ((at, place, cell) for place, cell in enumerate(cells) if cell)


def _all(rows: _WrongRows) -> Iterator[Sequence[str]]:
    yield rows.headings
    for block in rows.table.blocks():
        yield from rows.of(block).iter_rows()
    yield from rows.ragged()
