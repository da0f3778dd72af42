"""Rows of a text file whose bytes are not what the others are: in another encoding, or no text at all."""

import re
from collections.abc import Iterator
from pathlib import Path

from uploads.tables.refusing import UnreadableFile, gettext_noop

BLOCK_BYTES = 1 << 22
LINE_SIGNS = 1 << 20
"""A longer line is looked at in pieces."""
SURE = re.compile(rb"[\xc2\xc3][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""Signs of UTF-8 that as Windows-1252 would read as `Ã©` or `â€™`, which no text holds."""
BROKEN = re.compile("[\udc80-\udcff]")
"""Bytes that are no UTF-8, as `surrogateescape` gives them."""
ROWS_NAMED = 5
ONE_ROW = gettext_noop(
    "Row {rows} is not written in UTF-8 as the other rows are, so that letters with accents would come out "
    "wrong. Correct that row, save the file as “CSV UTF-8”, and upload that file."
)
SOME_ROWS = gettext_noop(
    "Rows {rows} are not written in UTF-8 as the other rows are, so that letters with accents would come out "
    "wrong. Correct those rows, save the file as “CSV UTF-8”, and upload that file."
)
MANY_ROWS = gettext_noop(
    "Rows {rows} and {more:,} more are not written in UTF-8 as the other rows are, so that letters with "
    "accents would come out wrong. Correct those rows, save the file as “CSV UTF-8”, and upload that file."
)


def refuse_mixed(path: Path, *, most_bytes: int | None = None) -> None:
    """Refuse a file that is UTF-8 but for some rows: as Windows-1252 all others would come out wrong.

    Raises:
        UnreadableFile: it is such a file; its rows are named.
    """
    if not _may_be_utf_8(path):
        return
    sure = broken = 0
    rows: list[int] = []
    for row, line in _rows(path, most_bytes=most_bytes):
        if not line.isascii():
            found = len(BROKEN.findall(line))
            sure += len(SURE.findall(line.encode(errors="surrogateescape")))
            broken += found
            rows += [row] if found else []
    if rows and sure >= broken:
        raise _mixed(sorted(set(rows)))


def _mixed(rows: list[int]) -> UnreadableFile:
    named, more = ", ".join(f"{row:,}" for row in rows[:ROWS_NAMED]), len(rows) - ROWS_NAMED
    if more > 0:
        return UnreadableFile(MANY_ROWS, rows=named, more=more)
    return UnreadableFile(ONE_ROW if len(rows) == 1 else SOME_ROWS, rows=named)


def row_without_text(path: Path) -> int | None:
    """Return the first row that holds a zero byte, or one that is a sign in neither encoding that we try."""
    return next((row for row, line in _rows(path) if _is_no_text(line)), None)


def _is_no_text(line: str) -> bool:
    if "\0" in line:
        return True
    if not BROKEN.search(line):
        return False
    try:
        line.encode(errors="surrogateescape").decode("windows-1252")
    except UnicodeDecodeError:
        return True
    return False


def _may_be_utf_8(path: Path) -> bool:
    with path.open("rb") as file:
        return any(SURE.search(block) for block in iter(lambda: file.read(BLOCK_BYTES), b""))


def _rows(path: Path, *, most_bytes: int | None = None) -> Iterator[tuple[int, str]]:
    """Yield lines with the number of their row: a line end between quotation marks ends none."""
    row, quotes, taken = 1, 0, 0
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        for line in iter(lambda: file.readline(LINE_SIGNS), ""):
            yield row, line
            quotes += line.count('"')
            row += line.endswith(("\n", "\r")) and quotes % 2 == 0
            taken += len(line)
            if most_bytes is not None and taken >= most_bytes:
                return
