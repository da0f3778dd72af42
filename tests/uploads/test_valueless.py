"""Cells of a workbook that hold an error, or a formula whose value was not saved, are wrong, not empty."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.core.files.base import ContentFile

from tests.uploads import binary_workbooks, old_workbooks
from tests.uploads.binary_workbooks import xlsb
from tests.uploads.conftest import HandIn
from tests.uploads.old_workbooks import xls
from tests.uploads.open_workbooks import HEAD, TAIL, ods
from uploads.datasets import STUDENTS
from uploads.reading import read
from uploads.tables.error_words import UNSAVED

HEADINGS = ("Student ID", "First Name", "Last Name", "Email", "Major")
MAYA = ("0017", "Maya", "Lee", "maya@school.example")
MEND = "Mend its formula, or write the value itself."
ERRORS = ["#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"]
ODS_CELL = '<table:table-cell table:formula="of:=NA()" {value}><text:p>{shown}</text:p></table:table-cell>'
ODS_ERROR = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
ODS_ZERO = 'office:value-type="float" office:value="0" calcext:value-type="error"'


def xlsx(majors: list[Any], *, row: int = 0, column: int = 0) -> bytes:
    """Return a workbook of students with these majors; a tuple is a formula and the value it had."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True})
    sheet = book.add_worksheet("All & sundry")
    sheet.write_row(row, column, HEADINGS)
    for place, major in enumerate(majors, start=row + 1):
        sheet.write_row(place, column, MAYA)
        if isinstance(major, tuple):
            sheet.write_formula(place, column + 4, major[0], None, major[1])
        else:
            sheet.write(place, column + 4, major)
    book.close()
    return output.getvalue()


def ods_with(cell: str, *, before: str = "") -> bytes:
    """Return a workbook whose second sheet has Maya with `cell` as her major, below a blank row."""
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        for value in (*HEADINGS, *MAYA)
    ).split("</table:table-cell>")[:-1]
    closed = [f"{each}</table:table-cell>" for each in cells]
    heads, maya = "".join(closed[:5]), "".join(closed[5:])
    rows = (
        f"<table:table-row>{before}{heads}</table:table-row>"
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        f"<table:table-row>{before}{maya}{cell}</table:table-row>"
    )
    head = HEAD.replace("office:version", 'xmlns:calcext="urn:org:documentfoundation:calc" office:version')
    with zipfile.ZipFile(io.BytesIO(ods({"Notes": []}))) as plain:
        others = {name: plain.read(name) for name in plain.namelist() if name != "content.xml"}
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in others.items():
            archive.writestr(name, content)
        sheets = f'<table:table table:name="A"/><table:table table:name="B &amp; C">{rows}</table:table>'
        archive.writestr("content.xml", head + sheets + TAIL)
    return output.getvalue()


def majors_of(data: bytes) -> list[tuple[int, str]]:
    with read(ContentFile(data), dataset=STUDENTS) as table:
        return [(row[-1], row[4]) for block in table.blocks() for row in block.rows()]


def test_errors_of_a_workbook_are_read_as_they_are_shown() -> None:
    data = xlsx([("=NA()", error) for error in ERRORS])
    assert majors_of(data) == list(enumerate(ERRORS, start=2))


def test_a_sheet_with_errors_may_begin_anywhere() -> None:
    data = xlsx(["Art", ("=NA()", "#N/A"), "Law"], row=3, column=2)
    assert majors_of(data) == [(5, "Art"), (6, "#N/A"), (7, "Law")]


@pytest.mark.parametrize(("written", "error"), [(xls, old_workbooks.Error), (xlsb, binary_workbooks.Error)])
@pytest.mark.parametrize("of", [{}, {"is_of_formula": True}])
def test_errors_of_binary_workbooks_are_read_as_they_are_shown(
    written: Callable[..., bytes], error: Callable[..., Any], of: dict[str, bool]
) -> None:
    heads, maya = [None, None, *HEADINGS], [None, None, *MAYA]
    majors = ["Art", error(0x2A, **of), error(0x07, **of), None]
    data = written([[None], heads, *([*maya, major] for major in majors)])
    assert majors_of(data) == [(3, "Art"), (4, "#N/A"), (5, "#DIV/0!"), (6, "")]


def test_a_formula_whose_value_was_not_saved_is_told_from_an_empty_text() -> None:
    data = xlsx([("=A1", ""), ("=A2", "Law"), ("=A3", 0), None])
    assert majors_of(data) == [(2, UNSAVED), (3, "Law"), (4, "0"), (5, "")]


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell() -> None:
    data = xlsx([("=A1", "")])
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(output, "w") as other:
        for name in book.namelist():
            content = book.read(name)
            other.writestr(name, content.replace(b'<c r="E2">', b'<c r="E2" t="str">'))
    assert majors_of(output.getvalue()) == [(2, "")]


@pytest.mark.parametrize("value", [ODS_ERROR, ODS_ZERO])
def test_errors_of_an_ods_workbook_are_read_as_they_are_shown(value: str) -> None:
    cell = ODS_CELL.format(value=value, shown="#DIV/0!")
    assert majors_of(ods_with(cell)) == [(4, "#DIV/0!")]
    before = '<table:table-cell table:number-columns-repeated="3"/>'
    assert majors_of(ods_with(cell, before=before)) == [(4, "#DIV/0!")]


def test_formulas_of_an_ods_workbook_without_a_value_are_told_from_others() -> None:
    assert majors_of(ods_with('<table:table-cell table:formula="of:=A1"/>')) == [(4, UNSAVED)]
    empty = ODS_CELL.format(value='office:value-type="string" office:string-value=""', shown="")
    assert majors_of(ods_with(empty)) == [(4, "")]


def test_an_error_is_wrong_with_its_place_and_what_to_do(hand_in: HandIn) -> None:
    upload = hand_in(xlsx(["Art", ("=NA()", "#N/A")]))
    (problem,) = [each for each in upload.problems if each["column"] == "Major"]
    assert (problem["row"], problem["value"]) == (3, "#N/A")
    assert problem["reason"] == "The cell holds the error #N/A, not a value."
    assert problem["remedy"] == MEND


def test_a_csv_file_that_a_program_saved_with_errors_is_wrong_too(hand_in: HandIn) -> None:
    upload = hand_in(",".join(HEADINGS) + "\n0017,Maya,#REF!,maya@school.example,Err:502\n")
    assert [each["value"] for each in upload.problems] == ["#REF!", "Err:502"]


def test_a_formula_without_a_value_is_wrong(hand_in: HandIn) -> None:
    (problem,) = hand_in(xlsx([("=A1", "")])).problems
    assert problem["reason"] == "The cell holds a formula whose value was not saved."


def test_a_row_with_nothing_but_an_error_is_no_blank_row(hand_in: HandIn) -> None:
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    sheet.write_row(1, 0, MAYA)
    sheet.write_formula(2, 0, "=NA()", None, "#N/A")
    book.close()
    assert hand_in(output.getvalue()).wrong_rows == 1
