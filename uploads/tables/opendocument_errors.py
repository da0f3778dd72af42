"""Where an ODS workbook's sheet holds errors or formulas without a value.

By OASIS' OpenDocument 1.3, part 3 (9.1). Programs write an error as a formula's shown text, beside an empty
text or a zero as its value.
"""

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import IO, NamedTuple

from uploads.tables.error_words import ERROR, UNSAVED
from uploads.tables.opendocument import PART
from uploads.tables.sheet_parts import blocks_of

ENDS = (b"</table:table-row>", b"</table:table>")
TOKEN = re.compile(
    rb"<table:table(?P<table>\s[^>]*)>|(?P<is_row><table:table-row)(?P<row>\s[^>]*)?>"
    rb"|<table:(?:covered-)?table-cell(?P<cell>[^>]*?)(?:/>|(?<!/)>(?P<held>.*?)</table:(?:covered-)?table-cell>)",
    re.DOTALL,
)
NAME = re.compile(rb'\btable:name="([^"]*)"')
REPEATED = re.compile(rb'-repeated="([0-9]+)"')
FORMULA, VALUE = b"table:formula=", b"office:value-type="
LEFT_OUT = re.compile(rb"<office:annotation\b.*?</office:annotation>|<[^>]*>", re.DOTALL)


class _Cell(NamedTuple):
    row: int
    """From 1."""
    rows: int
    """How many rows have it so."""
    column: int
    """From 0."""
    columns: int
    attributes: bytes
    held: bytes | None


def words_of(
    book: zipfile.ZipFile, *, sheet: str, size: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield row and column of each such cell of the sheet, and what is read there.

    `size` is how many rows and columns the reader found.
    """
    with book.open(PART) as part:
        if not any(FORMULA in block for block in blocks_of(part, ends=ENDS)):
            return
    with book.open(PART) as part:
        first, found = _found(part, sheet)
    for cell, word in found:
        column = cell.column - first
        for row in range(cell.row, min(cell.row + cell.rows, size[0] + 1)):
            for each in range(max(column, 0), min(column + cell.columns, size[1])):
                yield (row, each), word


def _found(part: IO[bytes], sheet: str) -> tuple[int, list[tuple[_Cell, str]]]:
    """Return the first column that holds a value, and the cells with their words."""
    columns: set[int] = set()
    found = []
    for cell in _cells(part, sheet):
        if VALUE in cell.attributes:
            columns.add(cell.column)
        if word := _word(cell):
            found.append((cell, word))
    return min(columns, default=0), found


def _word(cell: _Cell) -> str:
    if FORMULA not in cell.attributes:
        return ""
    shown = unescape(LEFT_OUT.sub(b"", cell.held or b"").decode(errors="replace")).strip()
    if ERROR.match(shown):
        return shown
    return UNSAVED if VALUE not in cell.attributes and not shown else ""


def _cells(part: IO[bytes], sheet: str) -> Iterator[_Cell]:
    is_asked, row, following, column = False, 0, 1, 0
    for token in (each for block in blocks_of(part, ends=ENDS) for each in TOKEN.finditer(block)):
        if token["table"]:
            name = NAME.search(token["table"])
            is_asked = name is not None and unescape(name.group(1).decode(errors="replace")) == sheet
            following = 1
        elif token["is_row"]:
            row, column = following, 0
            following += _repeated(token["row"])
        else:
            cell = _Cell(row, following - row, column, _repeated(token["cell"]), *token.group("cell", "held"))
            yield from [cell] if is_asked else []
            column += cell.columns


def _repeated(attributes: bytes | None) -> int:
    found = REPEATED.search(attributes or b"")
    return int(found.group(1)) if found else 1
