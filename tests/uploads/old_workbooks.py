"""Writing XLS workbooks of Excel 97 to 2003, as few records as a spreadsheet program needs.

No program that the tests can run writes this format, so they write it themselves: records by Microsoft's
[MS-XLS], in a compound file by [MS-CFB] with one sector of its table and one of its directory.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's dates after February 1900."""
SHORT_DATE = 14
"""The built-in format of dates."""
GENERAL, AS_DATE = 0, 1
"""Places among the cell formats below."""
FORMULA, END, DATE_MODE, CODE_PAGE, SHEET, FORMAT = 0x06, 0x0A, 0x22, 0x42, 0x85, 0xE0
DIMENSIONS, NUMBER, LABEL, BOOL, STRING, BEGIN = 0x200, 0x203, 0x204, 0x205, 0x207, 0x809
BOOK, WORKSHEET = 0x05, 0x10
UTF_16 = 1200
FORTY_TWO = b"\x1e\x2a\x00"
"""A formula: the number 42."""
SECTOR, LEAST_STREAM, ENTRY = 512, 4096, 128
FREE, LAST, OF_TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
STREAM_FROM = 2


@dataclass(frozen=True)
class Formula:
    """A formula, by the value that it last had."""

    value: str | float


@dataclass(frozen=True)
class Error:
    """An error, by its number, that stands there itself or is a formula's last value."""

    code: int
    is_of_formula: bool = False


Value = str | float | bool | date | Formula | Error | None


def xls(rows: Sequence[Sequence[Value]], *, name: str = "Students") -> bytes:
    """Return a workbook with one sheet of these rows; None is a cell that is not there."""
    formats = [struct.pack("<HH16x", 0, number) for number in (GENERAL, SHORT_DATE)]
    head = [
        _begin(BOOK),
        _record(CODE_PAGE, struct.pack("<H", UTF_16)),
        _record(DATE_MODE, struct.pack("<H", 0)),
        *[_record(FORMAT, each) for each in formats],
    ]
    sheet_name = struct.pack("<BB", len(name), 0) + name.encode("latin-1")
    before = len(b"".join(head)) + len(_record(SHEET, bytes(6) + sheet_name)) + len(_record(END))
    head += [_record(SHEET, struct.pack("<IBB", before, 0, 0) + sheet_name), _record(END)]
    return _compound(b"".join([*head, _sheet(rows)]))


def _record(number: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def _begin(what: int) -> bytes:
    return _record(BEGIN, struct.pack("<HHHHII", 0x0600, what, 0, 1997, 0, 0))


def _text(text: str) -> bytes:
    """Return a text in UTF-16 behind the number of its units."""
    data = text.encode("utf-16-le")
    return struct.pack("<HB", len(data) // 2, 1) + data


def _sheet(rows: Sequence[Sequence[Value]]) -> bytes:
    width = max(len(row) for row in rows)
    records = [_begin(WORKSHEET), _record(DIMENSIONS, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))]
    for place, row in enumerate(rows):
        records += [_cell(place, column, value) for column, value in enumerate(row) if value is not None]
    return b"".join([*records, _record(END)])


def _cell(row: int, column: int, value: Value) -> bytes:
    if isinstance(value, date):
        days = float((value - EPOCH).days)
        return _record(NUMBER, struct.pack("<HHHd", row, column, AS_DATE, days))
    head = struct.pack("<HHH", row, column, GENERAL)
    if isinstance(value, Error):
        return _error(head, value)
    if isinstance(value, Formula):
        return _formula(head, value.value)
    if isinstance(value, bool):
        return _record(BOOL, head + bytes([value, 0]))
    if isinstance(value, str):
        return _record(LABEL, head + _text(value))
    return _record(NUMBER, head + struct.pack("<d", value))


def _error(head: bytes, value: Error) -> bytes:
    if not value.is_of_formula:
        return _record(BOOL, head + bytes([value.code, 1]))
    result = struct.pack("<BBBBHH", 2, 0, value.code, 0, 0, 0xFFFF)
    return _record(FORMULA, head + result + struct.pack("<HIH", 0, 0, len(FORTY_TWO)) + FORTY_TWO)


def _formula(head: bytes, value: str | float) -> bytes:
    is_text = isinstance(value, str)
    result = struct.pack("<6xH", 0xFFFF) if is_text else struct.pack("<d", value)
    tail = struct.pack("<HIH", 0, 0, len(FORTY_TWO)) + FORTY_TWO
    cell = _record(FORMULA, head + result + tail)
    return cell + _record(STRING, _text(str(value))) if is_text else cell


def _compound(stream: bytes) -> bytes:
    """Return a compound file that holds the stream `Workbook`."""
    size = max(len(stream), LEAST_STREAM)
    sectors = -(-size // SECTOR)
    following = [STREAM_FROM + place + 1 for place in range(sectors - 1)]
    table = [OF_TABLE, LAST, *following, LAST]
    assert len(table) <= SECTOR // 4
    table += [FREE] * (SECTOR // 4 - len(table))
    directory = _entry("Root Entry", kind=5, child=1, start=LAST, size=0)
    directory += _entry("Workbook", kind=2, child=FREE, start=STREAM_FROM, size=size)
    return b"".join(
        [
            _header(),
            struct.pack(f"<{SECTOR // 4}I", *table),
            directory.ljust(SECTOR, b"\0"),
            stream.ljust(sectors * SECTOR, b"\0"),
        ]
    )


def _header() -> bytes:
    begin = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    sizes = struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = struct.pack("<IIIIIIIII", 0, 1, 1, 0, LEAST_STREAM, LAST, 0, LAST, 0)
    tables = struct.pack("<109I", 0, *[FREE] * 108)
    return begin + sizes + places + tables


def _entry(name: str, *, kind: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    head = written.ljust(64, b"\0") + struct.pack("<HBB", len(written), kind, 1)
    entry = head + struct.pack("<III36xIQ", FREE, FREE, child, start, size)
    assert len(entry) == ENTRY
    return entry
