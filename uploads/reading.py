"""Reading a data file: its encoding, its delimiter and its headings, then row by row."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, NamedTuple, cast

from uploads.columns import BY_HEADING, COLUMNS, PROBLEM_HEADING, Column, plain

BLOCK_BYTES = 1 << 18
DELIMITERS = (",", ";", "\t")
KNOWN_FILES = (
    (b"PK\x03\x04", "an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
)
SAVE_AS_CSV = "Open it in your spreadsheet program, save it as CSV, and upload that file."


class UnreadableFile(Exception):
    """The file as a whole cannot be taken; the message is a sentence for the person."""


class Row(NamedTuple):
    """One row of the file."""

    number: int
    """As a spreadsheet program counts: the headings are row 1."""
    cells: list[str]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is written and where its columns are."""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    first_row: int
    """The number of the row below the headings."""
    places: dict[str, int]
    """The place of each column that we read, by its name."""

    @property
    def unused(self) -> list[str]:
        """Headings that no column of ours has."""
        used = {*self.places.values()}
        others = [heading for place, heading in enumerate(self.headings) if place not in used]
        return [heading for heading in others if heading and plain(heading) != PROBLEM_HEADING]


def read_layout(file: IO[bytes]) -> Layout:
    """Return how the file is written. Reads all of its bytes once, in blocks, and parses only its beginning.

    Raises:
        UnreadableFile: it is empty, no CSV, lacks a column, or has headings only.
    """
    encoding = _read_encoding(file)
    delimiter, headings = _read_headings(file, encoding=encoding)
    layout = Layout(
        encoding=encoding,
        delimiter=delimiter,
        headings=tuple(heading.strip() for heading in headings.cells),
        first_row=headings.number + 1,
        places=_places(headings.cells),
    )
    if next(read_rows(file, layout=layout), None) is None:
        message = "The file has headings but no rows below them."
        raise UnreadableFile(message)
    return layout


def read_rows(file: IO[bytes], *, layout: Layout) -> Iterator[Row]:
    """Yield the rows below the headings one by one, without those that are blank.

    Raises:
        UnreadableFile: a quotation mark is not closed, or stands where none may.
    """
    for row in _records(file, encoding=layout.encoding, delimiter=layout.delimiter):
        if row.number >= layout.first_row and any(cell.strip() for cell in row.cells):
            yield row


def _read_encoding(file: IO[bytes]) -> str:
    file.seek(0)
    head = file.read(8)
    if not head:
        message = "The file is empty."
        raise UnreadableFile(message)
    for start, what in KNOWN_FILES:
        if head.startswith(start):
            message = f"This is {what}, not a CSV file. {SAVE_AS_CSV}"
            raise UnreadableFile(message)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "windows-1252"]
    for encoding in candidates:
        if _is_text(file, encoding=encoding):
            return encoding
    message = f"This is not a CSV file: its bytes are no text that we know. {SAVE_AS_CSV}"
    raise UnreadableFile(message)


def _is_text(file: IO[bytes], *, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(BLOCK_BYTES):
            if "\0" in decoder.decode(block):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _read_headings(file: IO[bytes], *, encoding: str) -> tuple[str, Row]:
    """Return the delimiter by which the first row shows most of our columns, and that row."""
    best: tuple[int, str, Row] | None = None
    for delimiter in DELIMITERS:
        with suppress(UnreadableFile):
            row = _first_record(file, encoding=encoding, delimiter=delimiter)
            known = sum(plain(cell) in BY_HEADING for cell in row.cells)
            if best is None or known > best[0]:
                best = (known, delimiter, row)
    if best is None:
        message = "The file holds no row that can be read."
        raise UnreadableFile(message)
    return best[1], best[2]


def _first_record(file: IO[bytes], *, encoding: str, delimiter: str) -> Row:
    for row in _records(file, encoding=encoding, delimiter=delimiter):
        if any(cell.strip() for cell in row.cells):
            return row
    message = "The file holds nothing but blanks."
    raise UnreadableFile(message)


def _places(cells: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        column = BY_HEADING.get(plain(cell))
        if column is None:
            continue
        if column.name in places:
            other = cells[places[column.name]]
            message = f"Two columns hold the {column.heading}: “{other}” and “{cell}”. Remove one of them."
            raise UnreadableFile(message)
        places[column.name] = place
    missing = [column for column in COLUMNS if column.is_required and column.name not in places]
    if missing:
        raise UnreadableFile(_what_is_missing(missing, cells))
    return places


def _what_is_missing(missing: list[Column], cells: list[str]) -> str:
    wanted = ", ".join(column.heading for column in missing)
    found = ", ".join(cell.strip()[:40] for cell in cells[:12] if cell.strip())
    return (
        f"The file has no column for: {wanted}. Its first row must hold the headings; it holds: {found}. "
        "The template file shows the headings that we read."
    )


def _records(file: IO[bytes], *, encoding: str, delimiter: str) -> Iterator[Row]:
    file.seek(0)
    # The file may be Django's proxy of one, which has all that the wrapper asks for.
    text = io.TextIOWrapper(cast("io.BufferedReader", file), encoding=encoding, newline="")
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=delimiter, strict=True), start=1):
            yield Row(number, cells)
    except csv.Error:
        message = (
            f"Row {number + 1} cannot be read: a quotation mark is not closed, or stands where none may. "
            'Inside a cell in quotation marks, write "" for each quotation mark.'
        )
        raise UnreadableFile(message) from None
    finally:
        text.detach()
