"""Cells of workbooks that hold an error or, in XLSX and ODS, a formula whose value was not saved.

The reader gives them as empty ones or as zeros, and so they would be imported. Here they are looked up in
the sheet itself, and read as what spreadsheet programs show there.
"""

import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from uploads.tables import binary_errors, old_errors, opendocument, opendocument_errors, spreadsheet_errors
from uploads.tables.sheet_parts import GIVEN, written_over
from uploads.tables.shown_zeros import part_of

Place = tuple[int, int]
"""Row, from 1, and column, from 0 for the first one that holds anything."""


def with_errors(frame: pl.DataFrame, path: Path, *, sheet: str) -> pl.DataFrame:
    """Return the sheet's cells, `row` and `c0` and so on, with the words of errors where these stand."""
    if not zipfile.is_zipfile(path):
        return _with_words(frame, old_errors.words_of(path, sheet=sheet))
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        if opendocument.PART in names:
            size = (frame.height, frame.width - 1)
            return _with_words(frame, opendocument_errors.words_of(book, sheet=sheet, size=size))
        if binary_errors.WORKBOOK in names:
            return _with_words(frame, binary_errors.words_of(book, sheet=sheet))
        part = part_of(book, sheet) if "xl/workbook.xml" in names else ""
        return _with_words(frame, spreadsheet_errors.words_of(book, part)) if part in names else frame


def _with_words(frame: pl.DataFrame, words: Iterable[tuple[Place, str]]) -> pl.DataFrame:
    columns: dict[str, dict[int, str]] = defaultdict(dict)
    for (row, column), word in words:
        columns[f"c{column}"][row] = word
    for name, rows in columns.items():
        frame = written_over(frame, name, rows, kind=pl.String, to=GIVEN)
    return frame
