"""Numbers of a workbook that are shown with zeros before them, by their cells' format."""

import io
from typing import Any

import pytest
import xlsxwriter
from django.core.files.base import ContentFile

from uploads.datasets import STUDENTS
from uploads.reading import look_at, read

HEADINGS = ("Student ID", "First Name", "Last Name", "Email", "Class Year")
MAYA = ("Maya", "Lee", "maya@school.example", 2027)


def workbook(numbers: list[Any], *, code: str = "0000000", column: int = 0, sheets: int = 1) -> bytes:
    """Return an XLSX file whose last sheet has students with these numbers, in cells of the format `code`."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True})
    shown = book.add_format({"num_format": code})
    for _ in range(sheets - 1):
        book.add_worksheet()
    sheet = book.add_worksheet("All & sundry")
    sheet.write_row(2, column, HEADINGS)
    for row, number in enumerate(numbers, start=3):
        sheet.write(row, column, number, shown)
        sheet.write_row(row, column + 1, MAYA)
    book.close()
    return output.getvalue()


def numbers_of(data: bytes) -> list[str]:
    with read(ContentFile(data), dataset=STUDENTS) as table:
        return [row[0] for block in table.blocks() for row in block.rows()]


def test_zeros_are_kept_that_the_format_shows() -> None:
    data = workbook([412150, 7, 123456789])
    assert numbers_of(data) == ["0412150", "0000007", "123456789"]


def test_a_sheet_may_begin_anywhere_and_be_any_of_the_workbook() -> None:
    assert numbers_of(workbook([412150], column=3, sheets=3)) == ["0412150"]


def test_other_cells_of_the_sheet_stay_as_they_are() -> None:
    with read(ContentFile(workbook([7])), dataset=STUDENTS) as table:
        (row,) = [row for block in table.blocks() for row in block.rows()]
    assert row == ("0000007", "Maya", "Lee", "maya@school.example", "2027", 4)


@pytest.mark.parametrize("value", ["412150", -5, 1.5, True])
def test_what_is_no_whole_number_stays_as_it_is(value: Any) -> None:
    (shown,) = numbers_of(workbook([value]))
    assert shown == str(value).lower()


@pytest.mark.parametrize("code", ["0", "General", "#,##0", "0.00", "000-00"])
def test_other_formats_show_no_zeros_before_the_number(code: str) -> None:
    assert numbers_of(workbook([7], code=code)) == ["7"]


def test_the_preview_shows_the_zeros_too() -> None:
    look = look_at(ContentFile(workbook([412150])), dataset=STUDENTS)
    assert look.sample[0][0] == "0412150"


def test_the_preview_of_a_large_workbook_shows_the_zeros_too() -> None:
    look = look_at(ContentFile(workbook([*range(40_000)])), dataset=STUDENTS)
    assert [row[0] for row in look.sample[:2]] == ["0000000", "0000001"]
