"""Zeros before a number that only its format shows, as `0000000` does: XLSX keeps 412150 for 0412150.

The reader gives numbers without their formats. So where a workbook has such a format, the cells that use it
are looked up in its sheet, by ECMA-376, part 1: `styles.xml` (18.8) and the sheet's cells (18.3.1.4). A
workbook that is written in another way than spreadsheet programs do is read as the reader gives it.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path, PurePosixPath
from typing import IO

import polars as pl

from uploads.tables.sheet_parts import GIVEN, blocks_of, written_over

WORKBOOK, LINKS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
MOST_BYTES = 16 << 20
"""Of a part that is read as a whole."""
TAG_END = b">"
ZEROS = re.compile(r"0{2,}")
ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')
STYLES_OF_CELLS = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^/>])>")
PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
STYLE = re.compile(rb'\bs="([0-9]+)"')
OTHER_TYPE = re.compile(rb'\bt="(?!n")')


def with_shown_zeros(frame: pl.DataFrame, path: Path, *, sheet: str) -> pl.DataFrame:
    """Return the sheet's cells, `row` and `c0` and so on, with the zeros that their formats show."""
    if not zipfile.is_zipfile(path):
        return frame
    with zipfile.ZipFile(path) as book:
        if STYLES not in book.namelist() or not (lengths := _lengths(book)):
            return frame
        part = part_of(book, sheet)
        if part not in book.namelist():
            return frame
        with book.open(part) as source:
            return _with_zeros(frame, source, lengths)


def _with_zeros(frame: pl.DataFrame, sheet: IO[bytes], lengths: Mapping[int, int]) -> pl.DataFrame:
    first: int | None = None
    found: dict[int, dict[int, int]] = {}
    for row, column, style in _cells(sheet):
        first = column if first is None else min(first, column)
        if style in lengths:
            found.setdefault(column, {})[row] = lengths[style]
    for column, rows in found.items():
        name = f"c{column - (first or 0)}"
        padded = pl.when(pl.col(name).str.contains("^[0-9]+$")).then(pl.col(name).str.zfill(GIVEN))
        frame = written_over(frame, name, rows, kind=pl.UInt32, to=padded)
    return frame


def _lengths(book: zipfile.ZipFile) -> dict[int, int]:
    """Return how many digits each style shows at least, by its number; only those that show zeros."""
    text = _text(book, STYLES)
    formats = [_attributes(given) for given in _elements(text, "numFmt")]
    codes = {each["numFmtId"]: each.get("formatCode", "") for each in formats if "numFmtId" in each}
    shown = {number: len(code) for number, code in codes.items() if ZEROS.fullmatch(code)}
    styles = STYLES_OF_CELLS.search(text)
    if not shown or not styles:
        return {}
    used = [_attributes(given).get("numFmtId", "") for given in _elements(styles.group(), "xf")]
    return {place: shown[number] for place, number in enumerate(used) if number in shown}


def part_of(book: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part that holds the sheet; empty where none is found."""
    sheets = [_attributes(given) for given in _elements(_text(book, WORKBOOK), "sheet")]
    targets = targets_of(book, LINKS)
    # The prefix of a relationship's name is the file's own choice.
    wanted = [each for each in sheets if each.get("name") == sheet]
    ids = [value for each in wanted for name, value in each.items() if name.endswith(":id")]
    target = targets.get(ids[0], "") if ids else ""
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))


def targets_of(book: zipfile.ZipFile, links: str) -> dict[str, str]:
    """Return where each relationship of the part `links` leads, by its id."""
    found = [_attributes(given) for given in _elements(_text(book, links), "Relationship")]
    return {each.get("Id", ""): each.get("Target", "") for each in found}


def _text(book: zipfile.ZipFile, part: str) -> str:
    with book.open(part) as source:
        return source.read(MOST_BYTES).decode(errors="replace")


def _elements(text: str, name: str) -> Iterator[str]:
    return (found.group(1) for found in re.finditer(rf"<(?:\w+:)?{name}\s([^>]*)>", text))


def _attributes(given: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(given)}


def _cells(sheet: IO[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield row and column, from 1, and style of each cell that is not blank; -1 where it holds no number."""
    for block in blocks_of(sheet, ends=[TAG_END]):
        for cell in CELL.finditer(block):
            attributes = cell.group(1)
            place, style = PLACE.search(attributes), STYLE.search(attributes)
            if place is not None:
                is_number = style is not None and not OTHER_TYPE.search(attributes)
                number = int(style.group(1)) if style is not None and is_number else -1
                yield int(place.group(2)), column_of(place.group(1)), number


def column_of(letters: bytes) -> int:
    """Return a column's number, from 1, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
