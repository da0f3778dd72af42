"""Titles above the headings of a registrar's export: they are passed over, and rows keep their numbers."""

import io

import pytest
import xlsxwriter
from django.core.files.base import ContentFile

from uploads.datasets import EMPLOYERS, STUDENTS, Dataset
from uploads.reading import look_at, read

HEADINGS = "Student ID;Given Name;Surname;E-Mail"
MAYA = "0017;Maya;Lee;maya@school.example"


def rows_of(text: str, *, dataset: Dataset = STUDENTS) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    with read(ContentFile(text.encode()), dataset=dataset) as table:
        assert table.ragged.height == 0
        return table.headings, [row for block in table.blocks() for row in block.rows()]


@pytest.mark.parametrize(
    "above",
    [
        "Students of the winter term\n",
        "Students of the winter term;;;\n\nExport of 29.11.2026;;;\n",
        "Office of the Registrar, Northfield; by J. Doe\n",
    ],
)
def test_titles_above_the_headings_are_passed_over(above: str) -> None:
    headings, rows = rows_of(f"{above}{HEADINGS}\n{MAYA}\n")
    assert headings == tuple(HEADINGS.split(";"))
    assert rows == [(*MAYA.split(";"), above.count("\n") + 2)]


def test_a_title_above_headings_that_nobody_knows_is_passed_over() -> None:
    headings, _ = rows_of("Studierende\nMatrikel;Vorname;Nachname\n0017;Maya;Lee\n")
    assert headings == ("Matrikel", "Vorname", "Nachname")


def test_one_heading_that_is_known_is_no_title() -> None:
    text = ContentFile(b"Name\nSiemens, Munich\n")
    with read(text, dataset=EMPLOYERS) as table:
        assert table.headings == ("Name",)


def test_a_file_of_one_column_has_its_heading_first() -> None:
    assert rows_of("Company\nSiemens\nBosch\n", dataset=EMPLOYERS)[0] == ("Company",)


def test_titles_of_a_workbook_are_passed_over() -> None:
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output)
    sheet = book.add_worksheet("Students")
    sheet.merge_range(0, 0, 0, 3, "Students of the winter term")
    for row, text in ((2, HEADINGS), (3, MAYA)):
        sheet.write_row(row, 0, text.split(";"))
    book.close()
    data = output.getvalue()
    assert look_at(io.BytesIO(data), dataset=STUDENTS).headings == tuple(HEADINGS.split(";"))
    with read(ContentFile(data), dataset=STUDENTS) as table:
        assert [block.rows() for block in table.blocks()] == [[(*MAYA.split(";"), 4)]]
