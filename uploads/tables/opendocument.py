"""The beginnings of all sheets of an ODS workbook: tables in one part of it, one behind the other."""

import re
from typing import IO

PART = "content.xml"
BLOCK_BYTES = 1 << 20
MOST_KEPT = 32 << 20
"""Bytes of the beginnings together."""
MOST_LOOKED_AT = 128 << 20
"""Bytes, unpacked in half a second; of sheets behind them the beginning shows nothing."""
TABLE_END = b"</table:table>"
MARK = re.compile(rb"</table:table-row>|<table:table-row\b[^>]*/>|</table:table>")
CLOSING = b"</table:table></office:spreadsheet></office:body></office:document-content>"


class TooMuch(Exception):
    """The first rows take more bytes than a beginning may have."""


def beginnings_of(part: IO[bytes], *, rows: int) -> bytes:
    """Return the part with the first `rows` of each of its tables.

    Raises:
        TooMuch: these take too many bytes.
    """
    beginnings, looked_at = _Beginnings(rows), 0
    while block := part.read(BLOCK_BYTES):
        looked_at += len(block)
        beginnings.feed(block)
        if looked_at >= MOST_LOOKED_AT:
            return b"".join(beginnings.kept) + CLOSING
    return b"".join(beginnings.kept) + beginnings.data


class _Beginnings:
    """What is kept of a part that comes block by block."""

    def __init__(self, rows: int) -> None:
        self.kept: list[bytes] = []
        self.data = b""
        """What came last and holds no whole mark yet."""
        self._rows = self._left = rows
        """How many rows are kept of a table, and are still to come of this one."""
        self._size = 0

    def feed(self, block: bytes) -> None:
        self.data += block
        while self._skip_rest() and (mark := MARK.search(self.data)):
            self._left = self._rows if mark.group() == TABLE_END else self._left - 1
            self._keep(mark.end())
        if self._size + len(self.data) > MOST_KEPT:
            raise TooMuch

    def _skip_rest(self) -> bool:
        """Say whether there is something to keep: drop the rows behind the first ones."""
        if not self._left:
            end = self.data.find(TABLE_END)
            self.data = self.data[end if end >= 0 else -len(TABLE_END) :]
            return end >= 0
        return True

    def _keep(self, end: int) -> None:
        self.kept.append(self.data[:end])
        self._size += end
        self.data = self.data[end:]
