"""The wrong rows of a workbook are handed out as a workbook, whose cells are text."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import fastexcel
import xlsxwriter

from uploads import error_file
from uploads.models import Upload

HandIn = Callable[..., Upload]
HEADINGS = ("Student ID", "First Name", "Last Name", "Email", "Class Year")
GOOD = ("0017", "Maya", "Lee", "maya@school.example", 2027)
WRONG = ("0018", "=1+1", "Lee", "tariq(at)school.example", "2027")


def workbook(*rows: Sequence[Any]) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Students")
        for at, row in enumerate((HEADINGS, *rows)):
            sheet.write_row(at, 0, row)
    return output.getvalue()


def error_bytes(upload: Upload) -> bytes:
    assert upload.error_file is not None
    with upload.error_file.content.open("rb") as file:
        return bytes(file.read())


def rows_of(data: bytes) -> list[tuple[Any, ...]]:
    sheet = fastexcel.read_excel(data).load_sheet(0, header_row=None, dtypes="string")
    return sheet.to_polars().rows()


def test_the_wrong_rows_come_as_a_workbook_with_their_zeros(hand_in: HandIn) -> None:
    upload = hand_in(workbook(GOOD, WRONG))
    assert upload.error_file is not None
    assert upload.error_file.name == "students wrong rows.xlsx"
    heads, row = rows_of(error_bytes(upload))
    assert heads == ("problem", *HEADINGS)
    assert row[0].startswith("Row 3: Email: It is not an e-mail address.")
    assert row[1:] == WRONG


def test_no_cell_of_it_is_a_formula_and_all_are_text(hand_in: HandIn) -> None:
    with zipfile.ZipFile(io.BytesIO(error_bytes(hand_in(workbook(WRONG))))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
        styles = book.read("xl/styles.xml")
    assert b"<f>" not in sheet
    assert b't="inlineStr"' in sheet
    assert b'numFmtId="49"' in styles, "the format of text"


def test_it_can_be_corrected_and_uploaded_as_it_is(hand_in: HandIn) -> None:
    heads, row = rows_of(error_bytes(hand_in(workbook(GOOD, WRONG))))
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Wrong rows")
        sheet.write_row(0, 0, heads)
        sheet.write_row(1, 0, [str(cell).replace("(at)", "@") for cell in row])
    upload = hand_in(output.getvalue())
    assert (upload.new_rows, upload.wrong_rows, upload.unused_columns) == (1, 0, [])


def test_very_many_wrong_rows_of_a_workbook_come_as_csv(hand_in: HandIn) -> None:
    with mock.patch.object(error_file, "MOST_WORKBOOK_ROWS", 1):
        upload = hand_in(workbook(WRONG, ("0019", *WRONG[1:])))
    assert upload.error_file is not None
    assert upload.error_file.name == "students wrong rows.csv"
    assert error_bytes(upload).count(b"\r\n") == 3
