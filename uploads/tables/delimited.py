"""A text file's rows as frames of text, chunk by chunk: the usual at once, the odd by the csv module."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from uploads.tables.refusing import UnreadableFile, gettext_noop
from uploads.tables.scanning import Scan, scan

Row = tuple[int, list[str]]
"""A row's number, as a spreadsheet program counts, and its cells."""
OPEN_QUOTES = gettext_noop(
    "Row {row} cannot be read: a quotation mark is not closed, or stands where none may. "
    'Inside a cell in quotation marks, write "" for each quotation mark.'
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some rows of a file, in order and without blank ones."""

    frame: pl.DataFrame
    """Rows with a cell for each heading: their number as `row`, the cells as `c0`, `c1` and so on."""
    ragged: list[Row]
    """Rows with more or fewer cells."""


def blocks_of(chunks: Iterator[bytes], *, delimiter: str, width: int, first_row: int) -> Iterator[Block]:
    """Yield the rows from `first_row` on.

    Raises:
        UnreadableFile: a quotation mark is not closed, or stands where none may.
    """
    number, left = 1, b""
    rest = _with_last(chunks)
    for chunk, is_last in rest:
        data = left + chunk
        if is_last and not data.endswith(b"\n"):
            data += b"\n"
        found = scan(data, delimiter=ord(delimiter))
        block = None
        if found and not (is_last and found.taken < len(data)):
            block = _block(data, found, number=number, delimiter=delimiter, width=width)
        if found and block:
            count, left = len(found.ends), data[found.taken :]
        else:
            records = _by_csv(data, rest, delimiter=delimiter, number=number)
            block = _sorted_out(list(enumerate(records, start=number)), width=width)
            count, left = len(records), b""
        number += count
        yield _from(block, first_row)


def _with_last(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each chunk and whether it is the last one."""
    current = next(chunks, None)
    while current is not None:
        following = next(chunks, None)
        yield current, following is None
        current = following


def _block(data: bytes, found: Scan, *, number: int, delimiter: str, width: int) -> Block | None:
    is_usual = (found.cells == width) & ~found.is_blank
    numbers = np.arange(number, number + len(found.ends), dtype=np.uint32)
    frame = _usual(data, found, is_usual, delimiter=delimiter, width=width)
    if frame.height != int(is_usual.sum()):
        return None
    frame = _without_blank(frame.with_columns(row=pl.Series(numbers[is_usual])))
    odd = np.flatnonzero(~is_usual & ~found.is_blank)
    if not len(odd):
        return Block(frame=frame, ragged=[])
    text = b"".join(data[found.starts[place] : found.ends[place] + 1] for place in odd).decode()
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    if len(records) != len(odd):
        return None
    others = _sorted_out(list(zip(numbers[odd].tolist(), records, strict=True)), width=width)
    if others.frame.height:
        frame = pl.concat([frame, others.frame.select(frame.columns)]).sort("row")
    return Block(frame=frame, ragged=others.ragged)


def _usual(data: bytes, found: Scan, is_usual: "np.ndarray", *, delimiter: str, width: int) -> pl.DataFrame:
    names = _names(width)
    if not is_usual.any():
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if is_usual.all():
        kept = data[: found.taken]
    else:
        edges = np.flatnonzero(np.diff(is_usual, prepend=False, append=False)).reshape(-1, 2)
        kept = b"".join(data[found.starts[begin] : found.ends[end - 1] + 1] for begin, end in edges.tolist())
    return pl.read_csv(
        kept,
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        separator=delimiter,
        quote_char='"' if found.has_quotes else None,
        empty_string_is_null=False,
    )


def _names(width: int) -> list[str]:
    return [f"c{place}" for place in range(width)]


def _without_blank(frame: pl.DataFrame) -> pl.DataFrame:
    first = pl.col(frame.columns[0])
    # Blanks of ASCII sort before "!", all others behind: few cells are to be looked at.
    some = frame.filter((first < "!") | (first >= "\x7f"))
    blank = some.filter(pl.all_horizontal(pl.col(frame.columns[:-1]).str.strip_chars() == ""))
    return frame.join(blank, on="row", how="anti", maintain_order="left") if blank.height else frame


def _by_csv(
    data: bytes, rest: Iterator[tuple[bytes, bool]], *, delimiter: str, number: int
) -> list[list[str]]:
    """Return the records of `data`, and of what comes next until a record ends where a chunk does."""
    lines = _Lines(data, rest)
    records: list[list[str]] = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter, strict=True):
            records.append(cells)
            if not lines.left:
                break
    except csv.Error:
        raise UnreadableFile(OPEN_QUOTES, row=number + len(records)) from None
    return records


class _Lines:
    """The lines of a chunk, and of the next ones when they are asked for."""

    def __init__(self, data: bytes, rest: Iterator[tuple[bytes, bool]]) -> None:
        self._rest = rest
        self._begin(data)

    def _begin(self, data: bytes) -> None:
        lines = data.splitlines(keepends=True)
        self.left = len(lines)
        """How many lines of the current chunk are left."""
        self._lines = iter(lines)

    def __iter__(self) -> "Iterator[str]":
        return self

    def __next__(self) -> str:
        if not self.left:
            self._begin(next(self._rest)[0])
        self.left -= 1
        return next(self._lines).decode()


def _sorted_out(rows: Sequence[Row], *, width: int) -> Block:
    """Tell rows with a cell for each heading from ragged ones; blank cells behind these do not count."""
    usual: list[Row] = []
    ragged: list[Row] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        end = len(cells)
        while end > width and not cells[end - 1].strip():
            end -= 1
        (usual if end == width else ragged).append((number, cells[:end] if end == width else cells))
    frame = pl.DataFrame(
        [cells for _, cells in usual], schema=dict.fromkeys(_names(width), pl.String), orient="row"
    )
    numbers = pl.Series("row", [number for number, _ in usual], dtype=pl.UInt32)
    return Block(frame=frame.with_columns(numbers), ragged=ragged)


def _from(block: Block, first_row: int) -> Block:
    if block.frame.height and block.frame["row"][0] >= first_row and not block.ragged:
        return block
    return Block(
        frame=block.frame.filter(pl.col("row") >= first_row),
        ragged=[row for row in block.ragged if row[0] >= first_row],
    )
