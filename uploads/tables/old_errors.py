"""Where an XLS workbook's sheet holds errors, by its records: Microsoft's [MS-XLS] in a file by [MS-CFB]."""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from uploads.tables.error_words import BY_CODE

FREE_FROM, TABLE_AT, TABLES_IN_HEAD, ENTRY = 0xFFFFFFFA, 76, 109, 128
STREAMS = ("Workbook", "Book")
SHEET, BEGIN, END, FORMULA, BOOL = 0x85, 0x809, 0x0A, 0x06, 0x205
CELLS = {FORMULA, BOOL, 0x203, 0x204, 0xFD, 0x27E, 0xBD, 0xD6}
"""Records of cells that hold something; row and column stand at the start of each."""


def words_of(path: Path, *, sheet: str) -> list[tuple[tuple[int, int], str]]:
    """Return row and column of each such cell of the sheet, and what is read there."""
    data = path.read_bytes()
    try:
        stream = _stream(data)
        start = next((at for at, name in _sheets(stream) if name == sheet), None)
        return [] if start is None else _words(stream, start)
    except (struct.error, IndexError):
        return []  # the reader tells what is wrong with it


def _words(stream: bytes, start: int) -> list[tuple[tuple[int, int], str]]:
    columns: set[int] = set()
    found = []
    for number, content in _sheet_records(stream, start):
        if number in CELLS:
            row, column = struct.unpack_from("<HH", content)
            columns.add(column)
            if (code := _error(number, content)) is not None:
                found.append((row + 1, column, BY_CODE.get(code, BY_CODE[0])))
    first = min(columns, default=0)
    return [((row, column - first), word) for row, column, word in found]


def _error(number: int, content: bytes) -> int | None:
    """Return the number of the error that the cell holds, if it holds one."""
    if number == BOOL and content[7]:
        return content[6]
    if number == FORMULA and content[12:14] == b"\xff\xff" and content[6] == 2:  # noqa: PLR2004 - [MS-XLS] 2.5.133
        return content[8]
    return None


def _sheet_records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of the sheet alone: a chart within it has its own begin and end."""
    depth = 0
    for number, content in _records(stream, start):
        depth += (number == BEGIN) - (number == END)
        if not depth:
            return
        if depth == 1:
            yield number, content


def _sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    for number, content in _records(stream, 0):
        if number == END:
            return
        if number == SHEET:
            is_wide = content[7] & 1
            name = content[8 : 8 + content[6] * (1 + is_wide)]
            yield struct.unpack_from("<I", content)[0], name.decode("utf-16-le" if is_wide else "latin-1")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, at)
        yield number, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _stream(data: bytes) -> bytes:
    """Return the workbook's own stream of a compound file; nothing where it is none of the usual size."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    table = _table(data, size)
    directory = _chain(data, struct.unpack_from("<I", data, 48)[0], table, size)
    for at in range(0, len(directory), ENTRY):
        length, start, bytes_held = (
            struct.unpack_from(form, directory, at + place)[0]
            for form, place in (("<H", 64), ("<I", 116), ("<I", 120))
        )
        name = directory[at : at + max(0, length - 2)].decode("utf-16-le", errors="replace")
        if name in STREAMS:
            return _chain(data, start, table, size)[:bytes_held]
    return b""


def _table(data: bytes, size: int) -> Sequence[int]:
    """Return which sector follows each."""
    sectors = list(struct.unpack_from(f"<{TABLES_IN_HEAD}I", data, TABLE_AT))
    following, left = struct.unpack_from("<II", data, 68)
    for _ in range(min(left, len(data) // size)):
        more = struct.unpack(f"<{size // 4}I", _sector(data, following, size))
        sectors += more[:-1]
        following = more[-1]
    held = b"".join(_sector(data, each, size) for each in sectors if each < FREE_FROM)
    return struct.unpack(f"<{len(held) // 4}I", held[: len(held) // 4 * 4])


def _chain(data: bytes, start: int, table: Sequence[int], size: int) -> bytes:
    parts: list[bytes] = []
    while start < len(table) and len(parts) <= len(table):
        parts.append(_sector(data, start, size))
        start = table[start]
    return b"".join(parts)


def _sector(data: bytes, number: int, size: int) -> bytes:
    return data[(number + 1) * size : (number + 2) * size]
