"""The beginning of a large workbook: it shows what the whole does, without the reader taking all rows."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from unittest import mock

import pytest
import xlsxwriter

from uploads.datasets import STUDENTS
from uploads.tables import beginnings
from uploads.tables.beginnings import beginning_of
from uploads.tables.reading import preview
from uploads.tables.workbooks import sheet_of

ROWS = 30_000
SHOWN = 200
Change = Callable[[str, bytes], bytes]


def book(*, is_shared: bool = True, empty_first: bool = False) -> bytes:
    """Return a large workbook with texts, numbers, dates and formulas."""
    output = io.BytesIO()
    workbook = xlsxwriter.Workbook(output, {} if is_shared else {"constant_memory": True})
    dates = workbook.add_format({"num_format": "yyyy-mm-dd"})
    if empty_first:
        workbook.add_worksheet("Notes")
    sheet = workbook.add_worksheet("Students")
    for column, heading in enumerate(("Student ID", "First Name", "Enrolled", "Fee", "Twice")):
        sheet.write_string(0, column, heading)
    for row in range(1, ROWS):
        sheet.write_string(row, 0, f"{row:07}")
        sheet.write_string(row, 1, "Zoë <&> Lee")
        sheet.write_datetime(row, 2, datetime(2027, 4, 3), dates)  # noqa: DTZ001 - cells have no zone
        sheet.write_number(row, 3, row + 0.5)
        sheet.write_formula(row, 4, f"=D{row + 1}*2", None, 2 * row + 1)
    workbook.close()
    return output.getvalue()


@pytest.fixture(scope="module")
def large() -> bytes:
    """A large workbook."""
    return book()


def changed(data: bytes, change: Change) -> bytes:
    """Return the workbook with its parts changed."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return output.getvalue()


def cut(data: bytes, folder: Path) -> Path:
    path = folder / "received"
    path.write_bytes(data)
    return beginning_of(path, folder=folder, rows=SHOWN)


def same_as_the_whole(data: bytes, folder: Path) -> bool:
    """Say whether the beginning was cut, and reads as the first rows of the whole do."""
    beginning = cut(data, folder)
    whole, first = sheet_of(folder / "received"), sheet_of(beginning)
    kept = whole.frame.head(first.frame.height)
    is_cut = beginning.name == "beginning" and first.frame.height == SHOWN - 1
    return (
        is_cut and (first.name, first.headings) == (whole.name, whole.headings) and first.frame.equals(kept)
    )


def test_the_beginning_reads_as_the_whole_does(large: bytes, tmp_path: Path) -> None:
    assert same_as_the_whole(large, tmp_path)
    assert (tmp_path / "beginning").stat().st_size < len(large) / 10


def test_texts_within_cells_and_empty_sheets_are_no_obstacle(tmp_path: Path) -> None:
    assert same_as_the_whole(book(is_shared=False, empty_first=True), tmp_path)


def test_tags_with_a_prefix_are_known(large: bytes, tmp_path: Path) -> None:
    def prefixed(name: str, part: bytes) -> bytes:
        if not name.startswith(("xl/worksheets/sheet", "xl/sharedStrings")):
            return part
        tags = re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", part)
        return tags.replace(b"xmlns=", b"xmlns:x=", 1)

    assert same_as_the_whole(changed(large, prefixed), tmp_path)


def test_a_small_workbook_is_left_as_it_is(tmp_path: Path) -> None:
    output = io.BytesIO()
    workbook = xlsxwriter.Workbook(output)
    workbook.add_worksheet().write_string(0, 0, "a")
    workbook.close()
    assert cut(output.getvalue(), tmp_path).name == "received"


def test_a_sheet_in_an_unusual_place_is_read_as_a_whole(large: bytes, tmp_path: Path) -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(large)) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            data = old.read(name).replace(b"worksheets/sheet1.xml", b"elsewhere/sheet1.xml")
            new.writestr(name.replace("worksheets/sheet1.xml", "elsewhere/sheet1.xml"), data)
    assert cut(output.getvalue(), tmp_path).name == "received"


def test_rows_that_take_too_much_are_read_as_a_whole(large: bytes, tmp_path: Path) -> None:
    with mock.patch.object(beginnings, "MOST_BYTES", 1000):
        assert cut(large, tmp_path).name == "received"


def test_a_beginning_that_cannot_be_read_is_no_reason_to_refuse(large: bytes, tmp_path: Path) -> None:
    path = tmp_path / "received"
    path.write_bytes(large)
    broken = tmp_path / "broken"
    broken.write_bytes(b"PK\x03\x04")
    with mock.patch("uploads.tables.reading.beginning_of", return_value=broken):
        found = preview(path=str(path), folder=str(tmp_path), known=list(STUDENTS.by_heading))
    assert found["headings"][:2] == ("Student ID", "First Name")


def test_the_reader_never_sees_the_rows_behind_the_beginning(large: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(cut(large, tmp_path)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        strings = archive.read("xl/sharedStrings.xml")
    assert sheet.count(b"</row>") == SHOWN
    assert strings.count(b"</si>") < 2 * SHOWN
