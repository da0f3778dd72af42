"""The beginning of a large ODS workbook: the reader takes all sheets at once, so it gets their first rows."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from tests.uploads.open_workbooks import ods
from uploads.datasets import STUDENTS
from uploads.tables import opendocument
from uploads.tables.beginnings import beginning_of
from uploads.tables.reading import preview
from uploads.tables.workbooks import Sheet, sheet_of

ROWS, SHOWN = 20_000, 200
HEADINGS = ["Student ID", "First Name", "Last Name", "Email", "Class Year"]


def students(count: int) -> Iterator[list[str | int]]:
    yield list(HEADINGS)
    for number in range(count):
        yield [f"{number:07}", "Zoë <&> Ana", "Lee", f"a{number}@school.example", 2027]


@pytest.fixture(scope="module")
def large() -> bytes:
    """A large workbook of four sheets, one of them empty."""
    sheets = {"Notes": [], "Students": students(ROWS), "Old “ones”": students(ROWS), "Few": students(3)}
    return ods(sheets, blank_rows=1_000_000)


def cut(data: bytes, folder: Path) -> Path:
    path = folder / "received"
    path.write_bytes(data)
    return beginning_of(path, folder=folder, rows=SHOWN)


def is_beginning_of(first: Sheet, whole: Sheet) -> bool:
    same = (first.name, first.others, first.headings) == (whole.name, whole.others, whole.headings)
    return same and first.frame.equals(whole.frame.head(first.frame.height))


@pytest.mark.parametrize("name", ["", "Old “ones”", "Few"])
def test_the_beginning_of_each_sheet_reads_as_the_whole_does(large: bytes, tmp_path: Path, name: str) -> None:
    beginning = cut(large, tmp_path)
    assert beginning.name == "beginning"
    first = sheet_of(beginning, name=name)
    assert is_beginning_of(first, sheet_of(tmp_path / "received", name=name))
    assert first.frame.height == (3 if name == "Few" else SHOWN - 1)


def test_marks_that_stand_across_two_blocks_are_seen(large: bytes, tmp_path: Path) -> None:
    expected = sheet_of(cut(large, tmp_path), name="Few")
    with mock.patch.object(opendocument, "BLOCK_BYTES", 997):
        assert is_beginning_of(sheet_of(cut(large, tmp_path), name="Few"), expected)


def test_no_more_is_looked_at_than_takes_no_time(large: bytes, tmp_path: Path) -> None:
    with mock.patch.object(opendocument, "MOST_LOOKED_AT", 1 << 20):
        assert sheet_of(cut(large, tmp_path)).others == ("Notes", "Students")


def test_a_sheet_that_was_not_looked_at_is_found_in_the_whole(large: bytes, tmp_path: Path) -> None:
    path = tmp_path / "received"
    path.write_bytes(large)
    with mock.patch.object(opendocument, "MOST_LOOKED_AT", 1 << 20):
        found = preview(path=str(path), folder=str(tmp_path), known=list(STUDENTS.by_heading), sheet="Few")
    assert (found["sheet"], len(found["sample"])) == ("Few", 3)


def test_first_rows_that_take_too_much_are_read_as_a_whole(large: bytes, tmp_path: Path) -> None:
    with mock.patch.object(opendocument, "MOST_KEPT", 1000):
        assert cut(large, tmp_path).name == "received"


def test_an_ods_workbook_without_a_part_that_it_needs_is_told_of_by_the_reader(tmp_path: Path) -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", b"<x/>" * (2 << 20))
    assert cut(output.getvalue(), tmp_path).name == "received"
