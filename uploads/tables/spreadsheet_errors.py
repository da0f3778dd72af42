"""Where an XLSX workbook's sheet holds errors or formulas without a value, by ECMA-376, part 1 (18.3.1.4)."""

import re
import zipfile
from collections.abc import Iterator

from uploads.tables.error_words import UNSAVED
from uploads.tables.sheet_parts import blocks_of
from uploads.tables.shown_zeros import PLACE, column_of

ROW_ENDS = (b"</row>", b":row>")
ERROR = re.compile(
    rb'<(?:\w+:)?c\s((?=[^>]*\bt="e")[^>]*[^/>])>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)</', re.DOTALL
)
FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*[^/>])>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|(?<!/)>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
FORMULAS = (b"</f>", b":f>", b"<f ", b":f ")
TEXT = b't="str"'
"""A formula's text may be empty."""
FIRST_CELL = re.compile(rb"row\b[^>]*>(?:\s*<(?:\w+:)?c\s[^>]*/>)*\s*<(?:\w+:)?c\s([^>]*[^/>])>")


def words_of(book: zipfile.ZipFile, part: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield row and column of each such cell, and what is read there."""
    with book.open(part) as sheet:
        found = [given for block in blocks_of(sheet, ends=ROW_ENDS) for given in _found(block)]
    if not found:
        return
    with book.open(part) as sheet:
        firsts = (
            cell.group(1) for block in blocks_of(sheet, ends=ROW_ENDS) for cell in FIRST_CELL.finditer(block)
        )
        first = min((place[1] for cell in firsts if (place := _place(cell))), default=0)
    for attributes, word in found:
        if place := _place(attributes):
            yield (place[0], place[1] - first), word


def _found(block: bytes) -> Iterator[tuple[bytes, str]]:
    if b't="e"' in block:
        for cell in ERROR.finditer(block):
            yield cell.group(1), cell.group(2).decode(errors="replace").strip()
    if any(mark in block for mark in FORMULAS):
        for cell in FORMULA.finditer(block):
            if TEXT not in cell.group(1):
                yield cell.group(1), UNSAVED


def _place(attributes: bytes) -> tuple[int, int] | None:
    place = PLACE.search(attributes)
    return (int(place.group(2)), column_of(place.group(1))) if place else None
