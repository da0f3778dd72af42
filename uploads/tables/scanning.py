"""Where the records of a chunk of CSV begin and end and how many cells each has, found in its bytes at once.

A chunk is only taken when each of its quotation marks stands where RFC 4180 lets one stand. In such a chunk
a delimiter or a line end belongs to a cell exactly if an odd number of quotation marks stands before it. Any
other chunk is left to Python's csv module, whose reading of doubtful marks is the one that holds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

QUOTE, LINE_FEED, RETURN = 34, 10, 13
MARK = "\ufeff".encode()

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The whole records of a chunk."""

    starts: Places
    ends: Places
    """The place of each record's line feed."""
    cells: Places
    """How many each record has."""
    is_blank: npt.NDArray[np.bool_]
    """Which records are empty lines."""
    has_quotes: bool
    taken: int
    """How many bytes of the chunk these records are."""


def scan(data: bytes, *, delimiter: int) -> Scan | None:
    """Return the records of `data`, which ends with a line feed; None when the csv module must read it."""
    if data.startswith(MARK):
        return None
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == LINE_FEED)
    if b"\r" in data and data.count(b"\r") != _count_before(ends, signs, RETURN):
        return None
    delimiters = np.flatnonzero(signs == delimiter)
    has_quotes = b'"' in data
    if has_quotes:
        quotes = np.flatnonzero(signs == QUOTE)
        if not _are_in_place(signs, quotes, delimiter):
            return None
        ends, delimiters = _outside(ends, quotes), _outside(delimiters, quotes)
    if not len(ends):
        return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    before = np.searchsorted(delimiters, ends)
    cells = np.diff(before, prepend=0) + 1
    lengths = ends - starts
    is_blank = (lengths == 0) | ((lengths == 1) & (signs[starts] == RETURN))
    return Scan(
        starts=starts,
        ends=ends,
        cells=cells,
        is_blank=is_blank,
        has_quotes=has_quotes,
        taken=int(ends[-1]) + 1,
    )


def _are_in_place(signs: npt.NDArray[np.uint8], quotes: Places, delimiter: int) -> bool:
    """Say whether each mark opens a cell, closes one, or is written twice within one."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = signs[opening - 1]
    if opening[0] == 0:
        before[0] = LINE_FEED
    after = signs[closing + 1]  # there is one: the last sign is a line feed
    opens = (before == LINE_FEED) | (before == delimiter) | (before == QUOTE)
    closes = (after == LINE_FEED) | (after == RETURN) | (after == delimiter) | (after == QUOTE)
    return bool(opens.all() and closes.all())


def _count_before(places: Places, signs: npt.NDArray[np.uint8], sign: int) -> int:
    """Return how often `sign` stands directly before one of the places."""
    return int((signs[places[places > 0] - 1] == sign).sum())


def _outside(places: Places, quotes: Places) -> Places:
    """Return the places before which an even number of quotation marks stands."""
    begins = np.searchsorted(places, quotes[0::2])
    ends = np.searchsorted(places, quotes[1::2])
    if np.array_equal(begins, ends):
        return places
    depth = np.zeros(len(places) + 1, dtype=np.int64)
    np.add.at(depth, begins, 1)
    np.add.at(depth, ends, -1)
    outside: Places = places[np.cumsum(depth[:-1]) == 0]
    return outside
