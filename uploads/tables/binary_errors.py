"""Where an XLSB workbook's sheet holds errors, by its records: Microsoft's [MS-XLSB], 2.1.4 and 2.5.97.2."""

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from uploads.tables.error_words import BY_CODE
from uploads.tables.shown_zeros import targets_of

WORKBOOK, LINKS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
SHEET = 156
ROW, ERRORS = 0, (3, 11)
CELLS = range(2, 12)
"""Records of cells that hold something; a number and a style stand at the start of each."""
CODE = slice(8, 9)


def words_of(book: zipfile.ZipFile, *, sheet: str) -> list[tuple[tuple[int, int], str]]:
    """Return row and column of each such cell of the sheet, and what is read there."""
    part = _part_of(book, sheet)
    if part not in book.namelist():
        return []
    row, columns, found = 0, set(), []
    for number, content in _records_of(book, part):
        place = int.from_bytes(content[:4], "little")
        if number == ROW:
            row = place + 1
        elif number in CELLS:
            columns.add(place)
        if number in ERRORS:
            found.append((row, place, BY_CODE.get(int.from_bytes(content[CODE]), BY_CODE[0])))
    first = min(columns, default=0)
    return [((row, column - first), word) for row, column, word in found]


def _part_of(book: zipfile.ZipFile, sheet: str) -> str:
    links: dict[str, str] = {}
    for number, content in _records_of(book, WORKBOOK):
        if number == SHEET:
            link, end = _text(content, 8)
            links[_text(content, end)[0]] = link
    return str(PurePosixPath("xl", targets_of(book, LINKS).get(links.get(sheet, ""), "")))


def _text(content: bytes, start: int) -> tuple[str, int]:
    """Return the text that begins there, and where it ends."""
    end = start + 4 + 2 * int.from_bytes(content[start : start + 4], "little")
    return content[start + 4 : end].decode("utf-16-le", errors="replace"), end


def _records_of(book: zipfile.ZipFile, part: str) -> Iterator[tuple[int, bytes]]:
    with book.open(part) as source:
        yield from _records(source)


def _records(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    while head := source.read(1):
        number = head[0]
        if number & 0x80:
            number = number & 0x7F | (source.read(1) or b"\0")[0] << 7
        yield number, source.read(_length(source))


def _length(source: IO[bytes]) -> int:
    """Return the number that comes next, seven bits a byte, four bytes at most."""
    length = 0
    for place in range(4):
        byte = (source.read(1) or b"\0")[0]
        length |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            break
    return length
