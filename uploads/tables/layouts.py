"""How a text file is written: its delimiter and its headings."""

import csv
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from uploads.headings import plain
from uploads.tables.chunks import chunks_of
from uploads.tables.encodings import encoding_of
from uploads.tables.refusing import UnreadableFile, gettext_noop
from uploads.tables.titles import LOOKED_AT, place_of_headings

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1 << 20
LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+\Z")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a text file is written."""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    first_row: int
    """The number of the row below the headings."""


def layout_of(path: Path, *, known: Collection[str], most_bytes: int | None = None) -> Layout:
    """Return how the file is written: by that delimiter it shows most `known` headings.

    Raises:
        UnreadableFile: it is empty, no text, or holds no row.
    """
    encoding = encoding_of(path, most_bytes=most_bytes)
    head = b"".join(chunks_of(path, encoding=encoding, most_bytes=HEAD_BYTES)).decode()
    best: tuple[tuple[int, int], Layout] | None = None
    for delimiter in DELIMITERS:
        number, cells = _heading_record(head, delimiter=delimiter, known=known)
        score = sum(plain(cell) in known for cell in cells), len(cells)
        if cells and (best is None or score > best[0]):
            layout = Layout(
                encoding=encoding,
                delimiter=delimiter,
                headings=tuple(cell.strip() for cell in cells),
                first_row=number + 1,
            )
            best = score, layout
    if best is None:
        message = gettext_noop("The file holds no row that can be read.")
        raise UnreadableFile(message)
    return best[1]


def _heading_record(head: str, *, delimiter: str, known: Collection[str]) -> tuple[int, list[str]]:
    records = records_of(head, delimiter=delimiter)
    first = list(islice((record for record in records if any(map(str.strip, record[1]))), LOOKED_AT))
    return first[place_of_headings([cells for _, cells in first], known=known)] if first else (0, [])


def records_of(text: str, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the numbered records of a text until one cannot be read."""
    lines = (line.group() for line in LINE.finditer(text))  # one by one: most records are never asked for
    with suppress(csv.Error):
        yield from enumerate(csv.reader(lines, delimiter=delimiter, strict=True), start=1)
