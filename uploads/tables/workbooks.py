"""Workbooks read as tables of text: XLSX, XLSB, XLS and ODS; formulas by the values that they last had."""

import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from uploads.tables.refusing import SAVE_AS_CSV, UnreadableFile, gettext_noop
from uploads.tables.shown_zeros import with_shown_zeros
from uploads.tables.titles import LOOKED_AT, place_of_headings
from uploads.tables.valueless import with_errors


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet, as it is."""

    name: str
    others: tuple[str, ...]
    """All sheets of the workbook, in its order."""
    headings: tuple[str, ...]
    frame: pl.DataFrame
    """The rows below the headings without blank ones: their number as `row`, the cells as `c0` and so on."""


def sheet_of(
    path: Path, *, name: str = "", most_rows: int | None = None, known: Collection[str] = ()
) -> Sheet:
    """Return the sheet of this name, or the first one that holds something; `known` are plain headings.

    Raises:
        UnreadableFile: the workbook is damaged, needs a password, or holds nothing.
    """
    try:
        workbook = fastexcel.read_excel(path)
        names = tuple(workbook.sheet_names)
        for each in [_named(name, names)] if name else names:
            frame = _cells(workbook, each, path=path, most_rows=most_rows)
            if frame.height:
                frame = with_shown_zeros(frame, path, sheet=each)
                headings, rows = _parted(frame, known)
                return Sheet(name=each, others=names, headings=headings, frame=rows)
    except (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        message = gettext_noop("The workbook cannot be read: it is damaged, or needs a password.")
        raise UnreadableFile(message, advice=SAVE_AS_CSV) from error
    message = gettext_noop("The workbook holds no row.")
    raise UnreadableFile(message)


def _named(name: str, names: Collection[str]) -> str:
    """Return the sheet that is meant, in capitals or not.

    Raises:
        UnreadableFile: there is none.
    """
    meant = [each for each in names if each.strip().casefold() == name.strip().casefold()]
    if not meant:
        message = gettext_noop("The workbook has no sheet “{name}”. Its sheets are: {sheets}.")
        raise UnreadableFile(message, name=name, sheets=", ".join(names))
    return name if name in meant else meant[0]


def _cells(workbook: fastexcel.ExcelReader, name: str, *, path: Path, most_rows: int | None) -> pl.DataFrame:
    """Return the sheet's cells as text with their row numbers, without blank rows."""
    sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, n_rows=most_rows, dtypes="string")
    frame = sheet.to_polars()
    frame = frame.rename({old: f"c{place}" for place, old in enumerate(frame.columns)})
    cells = frame.columns
    if not cells:
        return frame
    frame = frame.with_row_index("row", offset=1).with_columns(pl.col(cells).fill_null(""))
    frame = with_errors(frame, path, sheet=name)
    return frame.filter(pl.any_horizontal(pl.col(cells).str.strip_chars() != "")).select(*cells, "row")


def _parted(frame: pl.DataFrame, known: Collection[str]) -> tuple[tuple[str, ...], pl.DataFrame]:
    first = [row[:-1] for row in frame.head(LOOKED_AT).rows()]
    place = place_of_headings(first, known=known)
    headings = [cell.strip() for cell in first[place]]
    width = max(place for place, heading in enumerate(headings, start=1) if heading)
    beyond = frame.columns[width:-1]
    rows = frame.slice(place + 1)
    if beyond and not rows.select(pl.any_horizontal((pl.col(beyond).str.strip_chars() != "").any())).item():
        rows, headings = rows.drop(beyond), headings[:width]
    return tuple(headings), rows
