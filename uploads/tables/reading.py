"""The two calls of this package: a look at a file's beginning, and all of it written as Arrow files."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from uploads.tables.archives import is_workbook, unpacked
from uploads.tables.beginnings import beginning_of
from uploads.tables.chunks import chunks_of
from uploads.tables.delimited import Row, blocks_of
from uploads.tables.handing_over import RAGGED as RAGGED_FILE
from uploads.tables.handing_over import hand_over, hand_over_beginning, rows_file
from uploads.tables.layouts import HEAD_BYTES, Layout, layout_of, records_of
from uploads.tables.refusing import UnreadableFile
from uploads.tables.workbooks import Sheet, sheet_of

SAMPLE_ROWS = 20
LOOK_ROWS = 200
BLOCK_ROWS = 100_000
"""Of a workbook: whoever works on them has so many at a time, as of a text file."""
RAGGED: Mapping[str, Any] = {"row": pl.UInt32, "cells": pl.List(pl.String)}


def preview(*, path: str, folder: str, known: Sequence[str], sheet: str = "") -> dict[str, Any]:
    """Return `headings`, first rows (`sample`) and `sheets` of the file at `path`, or why it is `refused`.

    `known` are the plain headings that are looked for; `folder` is for what is unpacked; `sheet` names one.
    """
    try:
        return _preview(_Asked(path=Path(path), folder=Path(folder), known=known, sheet=sheet))
    except UnreadableFile as error:
        return error.answer


def read(*, path: str, folder: str, known: Sequence[str], sheet: str = "") -> dict[str, Any]:
    """Write the table in the file at `path` into `folder`; return its number of rows, or why it is `refused`.

    `beginning.json` comes first: `headings`, `delimiter`, `sheet`. Then one by one `rows-*.arrow` with rows
    that have a cell for each heading: `row`, `c0`, `c1` and so on. `ragged.arrow` has the others: `row`,
    `cells`. The arguments are those of `preview`.
    """
    try:
        return _read(_Asked(path=Path(path), folder=Path(folder), known=known, sheet=sheet))
    except UnreadableFile as error:
        return error.answer


@dataclass(frozen=True, kw_only=True)
class _Asked:
    path: Path
    folder: Path
    known: Collection[str]
    sheet: str


def _preview(asked: _Asked) -> dict[str, Any]:
    if is_workbook(asked.path):
        found = _beginning(asked)
        rows = found.frame.head(SAMPLE_ROWS).drop("row").rows()
        return {"headings": found.headings, "sheet": found.name, "sheets": found.others, "sample": rows}
    path = unpacked(asked.path, folder=asked.folder)
    layout = layout_of(path, known=asked.known, most_bytes=HEAD_BYTES)
    sample = list(islice(_first_rows(path, layout), SAMPLE_ROWS))
    if not sample:
        _read(asked)  # what is wrong with the first row, if anything is
    return {"headings": layout.headings, "sheet": "", "sheets": [], "sample": sample}


def _beginning(asked: _Asked) -> Sheet:
    try:
        path = beginning_of(asked.path, folder=asked.folder, rows=LOOK_ROWS)
        return sheet_of(path, name=asked.sheet, most_rows=LOOK_ROWS, known=asked.known)
    except UnreadableFile:
        # The whole tells truly what is wrong, if anything is.
        return sheet_of(asked.path, name=asked.sheet, most_rows=LOOK_ROWS, known=asked.known)


def _first_rows(path: Path, layout: Layout) -> Iterator[list[str]]:
    text = b"".join(chunks_of(path, encoding=layout.encoding, most_bytes=HEAD_BYTES)).decode()
    for number, cells in records_of(text, delimiter=layout.delimiter):
        if number >= layout.first_row and any(cell.strip() for cell in cells):
            yield cells


def _read(asked: _Asked) -> dict[str, Any]:
    folder = asked.folder
    if is_workbook(asked.path):
        return _read_workbook(asked)
    path = unpacked(asked.path, folder=folder)
    layout = layout_of(path, known=asked.known)
    hand_over_beginning({"headings": layout.headings, "delimiter": layout.delimiter, "sheet": ""}, folder)
    rows = 0
    ragged: list[Row] = []
    blocks = blocks_of(
        chunks_of(path, encoding=layout.encoding),
        delimiter=layout.delimiter,
        width=len(layout.headings),
        first_row=layout.first_row,
    )
    for place, block in enumerate(blocks):
        hand_over(block.frame, folder / rows_file(place))
        rows += block.frame.height
        ragged += block.ragged
    _hand_over_ragged(ragged, folder)
    return {"rows": rows, "ragged": len(ragged)}


def _read_workbook(asked: _Asked) -> dict[str, Any]:
    found = sheet_of(asked.path, name=asked.sheet, known=asked.known)
    beginning = {"headings": found.headings, "delimiter": ",", "sheet": found.name}
    hand_over_beginning(beginning, asked.folder)
    for place, some in enumerate(found.frame.iter_slices(BLOCK_ROWS)):
        hand_over(some, asked.folder / rows_file(place))
    _hand_over_ragged([], asked.folder)
    return {"rows": found.frame.height, "ragged": 0}


def _hand_over_ragged(ragged: list[Row], folder: Path) -> None:
    hand_over(pl.DataFrame(ragged, schema=RAGGED, orient="row"), folder / RAGGED_FILE)
