"""Writing XLSB workbooks, as few records as a spreadsheet program needs; by Microsoft's [MS-XLSB].

No program that the tests can run writes this format, so they write its records themselves.
"""

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Error:
    """An error, by its number, that stands there itself or is a formula's last value."""

    code: int
    is_of_formula: bool = False


Value = str | float | bool | date | Error | None
EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's dates after February 1900."""
SHORT_DATE = 14
"""The built-in format of dates."""
GENERAL, AS_DATE = 0, 1
"""Places among the cell formats below."""
ROW, ERROR, BOOL, REAL, TEXT, FORMULA_ERROR, FORMAT = 0, 3, 4, 5, 6, 11, 47
BEGIN_SHEET, END_SHEET, BEGIN_BOOK, END_BOOK = 129, 130, 131, 132
BEGIN_SHEETS, END_SHEETS, BEGIN_DATA, END_DATA = 143, 144, 145, 146
DIMENSION, PROPERTIES, SHEET = 148, 153, 156
BEGIN_STYLES, END_STYLES, BEGIN_FORMATS, END_FORMATS = 278, 279, 617, 618
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MICROSOFT = "application/vnd.ms-excel"


def xlsb(rows: Sequence[Sequence[Value]], *, name: str = "Students") -> bytes:
    """Return a workbook with one sheet of these rows; None is a cell that is not there."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.bin")),
        "xl/_rels/workbook.bin.rels": _relations(
            ("worksheet", "worksheets/sheet1.bin"), ("styles", "styles.bin")
        ),
        "xl/workbook.bin": _workbook(name),
        "xl/styles.bin": _styles(),
        "xl/worksheets/sheet1.bin": _sheet(rows),
    }
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return output.getvalue()


def _record(number: int, content: bytes = b"") -> bytes:
    """Return a record: its number and its length go before it, seven bits a byte."""
    return _seven_bits(number) + _seven_bits(len(content)) + content


def _seven_bits(number: int) -> bytes:
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])


def _wide(text: str) -> bytes:
    """Return a text behind the number of its UTF-16 units."""
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


def _workbook(name: str) -> bytes:
    sheet = struct.pack("<II", 0, 1) + _wide("rId1") + _wide(name)
    return b"".join(
        [
            _record(BEGIN_BOOK),
            _record(PROPERTIES, struct.pack("<III", 0, 0, 0)),
            _record(BEGIN_SHEETS),
            _record(SHEET, sheet),
            _record(END_SHEETS),
            _record(END_BOOK),
        ]
    )


def _styles() -> bytes:
    formats = [struct.pack("<HHHHHBBHH", 0, number, 0, 0, 0, 0, 0, 0, 0) for number in (GENERAL, SHORT_DATE)]
    return b"".join(
        [
            _record(BEGIN_STYLES),
            _record(BEGIN_FORMATS, struct.pack("<I", len(formats))),
            *[_record(FORMAT, each) for each in formats],
            _record(END_FORMATS),
            _record(END_STYLES),
        ]
    )


def _sheet(rows: Sequence[Sequence[Value]]) -> bytes:
    width = max(len(row) for row in rows)
    records = [
        _record(BEGIN_SHEET),
        _record(DIMENSION, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)),
        _record(BEGIN_DATA),
    ]
    for place, row in enumerate(rows):
        records.append(_record(ROW, struct.pack("<IIHBBBI", place, 0, 300, 0, 0, 0, 0)))
        records += [_cell(column, value) for column, value in enumerate(row) if value is not None]
    return b"".join([*records, _record(END_DATA), _record(END_SHEET)])


def _cell(column: int, value: Value) -> bytes:
    if isinstance(value, date):
        days = (value - EPOCH).days
        return _record(REAL, struct.pack("<IId", column, AS_DATE, days))
    head = struct.pack("<II", column, GENERAL)
    if isinstance(value, Error):
        tail = struct.pack("<HII", 0, 0, 0) if value.is_of_formula else b""
        return _record(FORMULA_ERROR if value.is_of_formula else ERROR, head + bytes([value.code]) + tail)
    if isinstance(value, bool):
        return _record(BOOL, head + bytes([value]))
    if isinstance(value, str):
        return _record(TEXT, head + _wide(value))
    return _record(REAL, head + struct.pack("<d", value))


def _content_types() -> str:
    types = {
        "/xl/workbook.bin": f"{MICROSOFT}.sheet.binary.macroEnabled.main",
        "/xl/worksheets/sheet1.bin": f"{MICROSOFT}.worksheet",
        "/xl/styles.bin": f"{MICROSOFT}.styles",
    }
    overrides = "".join(f'<Override PartName="{path}" ContentType="{kind}"/>' for path, kind in types.items())
    default = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    return f'{XML}<Types xmlns="{PACKAGE}/content-types">{default}{overrides}</Types>'


def _relations(*leading: tuple[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="rId{place}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(leading, start=1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'
