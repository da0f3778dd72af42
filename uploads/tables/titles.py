"""Titles above the headings, as exports of registrars have them."""

from collections.abc import Collection, Sequence

from uploads.headings import plain

LOOKED_AT = 10
"""How many of the first rows, without blank ones, may be titles."""
SURELY = 2
"""So many headings that we know are in no title."""


def place_of_headings(rows: Sequence[Sequence[str]], *, known: Collection[str]) -> int:
    """Return which of the first rows holds the headings: the first one that is no title.

    A row with two `known` headings is none. A lone cell above rows of several cells is one, if not known.
    """
    counts = [sum(plain(cell) in known for cell in row) for row in rows]
    for place, count in enumerate(counts):
        if count >= SURELY:
            return place
    widths = [sum(bool(cell.strip()) for cell in row) for row in rows]
    for place, width in enumerate(widths):
        is_title = width == 1 and not counts[place] and max(widths[place:]) > 1
        if not is_title:
            return place
    return 0
