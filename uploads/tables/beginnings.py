"""The beginning of an XLSX or ODS workbook as one of its own: the reader takes all rows of a sheet or none.

Each sheet is cut behind its first rows, and the texts that cells share behind the last one that these use.
Formats stay, so that the beginning reads as the whole does. What is written in another way than spreadsheet
programs do is not cut.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from uploads.tables import opendocument

SHEETS, STRINGS = "xl/worksheets/", "xl/sharedStrings.xml"
LEFT_OUT = (
    "xl/media/",
    "xl/drawings/",
    "xl/pivot",
    "xl/calcChain",
    "xl/comments",
    "xl/embeddings/",
    "docProps/",
)
OPENDOCUMENT_PARTS = ("mimetype", "META-INF/manifest.xml")
"""What the reader asks for besides the sheets."""
LITTLE_BYTES = 1 << 20
"""Of another part: it is copied."""
BLOCK_BYTES = 1 << 18
MOST_BYTES = 32 << 20
"""Of a part; where the first rows take more, the whole workbook is read."""
WORTH_BYTES = 4 << 20
"""Unpacked; a smaller workbook is read in no time."""
ROW_END = re.compile(rb"</(\w+:)?row>")
STRING_END = re.compile(rb"</(\w+:)?si>|<(?:\w+:)?si\s*/>")
SHARED = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="s"[^>]*>.*?<(?:\w+:)?v>(\d+)</', re.DOTALL)
DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*/>")


class _Uncuttable(Exception):
    """A part is not written as spreadsheet programs write it."""


def beginning_of(path: Path, *, folder: Path, rows: int) -> Path:
    """Return a workbook in `folder` that has about the first `rows` of each sheet, or `path` as it is."""
    try:
        with zipfile.ZipFile(path) as whole:
            names = whole.namelist()
            size = sum(part.file_size for part in whole.infolist())
            write = _write if "xl/workbook.xml" in names else _write_opendocument
            if size < WORTH_BYTES:
                return path
            target = folder / "beginning"
            with zipfile.ZipFile(target, "w") as cut:
                write(whole, cut, rows=rows)
            return target
    except (_Uncuttable, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, KeyError):
        return path  # the reader tells what is wrong with it


def _write(whole: zipfile.ZipFile, cut: zipfile.ZipFile, *, rows: int) -> None:
    shared = -1
    for name in whole.namelist():
        if name.startswith(SHEETS) and name.endswith(".xml"):
            with whole.open(name) as part:
                sheet = _cut(part, ROW_END, count=rows, closing=(b"sheetData", b"worksheet"))
            cut.writestr(name, DIMENSION.sub(b"", sheet, count=1))
            shared = max([shared, *map(int, SHARED.findall(sheet))])
        elif name != STRINGS and not name.startswith(LEFT_OUT):
            cut.writestr(name, _little(whole, name))
    if STRINGS in whole.namelist():
        with whole.open(STRINGS) as part:
            cut.writestr(STRINGS, _cut(part, STRING_END, count=max(1, shared + 1), closing=(b"sst",)))


def _write_opendocument(whole: zipfile.ZipFile, cut: zipfile.ZipFile, *, rows: int) -> None:
    if opendocument.PART not in whole.namelist():
        raise _Uncuttable
    for name in OPENDOCUMENT_PARTS:
        cut.writestr(name, _little(whole, name))
    try:
        with whole.open(opendocument.PART) as part:
            cut.writestr(opendocument.PART, opendocument.beginnings_of(part, rows=rows))
    except opendocument.TooMuch as error:
        raise _Uncuttable from error


def _little(whole: zipfile.ZipFile, name: str) -> bytes:
    """Return a part that belongs to the workbook itself.

    Raises:
        _Uncuttable: it is large, so that it may be a sheet in an unusual place.
    """
    if whole.getinfo(name).file_size > LITTLE_BYTES:
        raise _Uncuttable
    return whole.read(name)


def _cut(part: IO[bytes], end: re.Pattern[bytes], *, count: int, closing: tuple[bytes, ...]) -> bytes:
    """Return the part up to its `count`th end, with the tags closed that are open there."""
    data = b""
    for block in _blocks(part):
        data += block
        ends = list(end.finditer(data))
        if len(ends) > count:  # one more, so that what follows is surely another one
            prefix = ends[0].group(1) or b""
            closed = b"".join(b"</" + prefix + tag + b">" for tag in closing)
            return data[: ends[count - 1].end()] + closed
    return data


def _blocks(part: IO[bytes]) -> Iterator[bytes]:
    """Yield the part in blocks that double.

    Raises:
        _Uncuttable: it is too long.
    """
    taken, size = 0, BLOCK_BYTES
    while block := part.read(size):
        taken += len(block)
        if taken > MOST_BYTES:
            raise _Uncuttable
        yield block
        size = taken
