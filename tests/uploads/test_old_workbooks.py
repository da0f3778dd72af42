"""XLS and XLSB: every type of cell as text, true row numbers, through the same door as all files."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from jobs.models import Person
from jobs.testing import run_parts
from tests.uploads.binary_workbooks import xlsb
from tests.uploads.old_workbooks import Formula, xls
from uploads.datasets import OUTCOMES, STUDENTS, Dataset
from uploads.importing import begin_import
from uploads.models import Outcome, Upload
from uploads.reading import look_at, read
from uploads.tables.refusing import UnreadableFile

Write = Callable[..., bytes]
HandIn = Callable[..., Upload]
HEADINGS = ["Student ID", "First Name", "Last Name", "Email", "Class Year"]
ZOE = ["0017", "Zoë", "Müller-Łukasz 𝄞", "zoe@school.example", 2027]
TARIQ = ["0018", "Tariq", "Hansen", "tariq@school.example", 2028.0]
both = pytest.mark.parametrize("write", [xls, xlsb])


def rows_of(data: bytes, *, dataset: Dataset = STUDENTS) -> list[tuple[object, ...]]:
    with read(ContentFile(data), dataset=dataset) as table:
        return [row for block in table.blocks() for row in block.rows()]


@both
def test_cells_of_all_types_are_read_as_text(write: Write) -> None:
    row = ["0017", 17, 2027.0, 52000.5, date(2027, 4, 3), True, None, "x"]
    data = write([[f"h{place}" for place in range(8)], row])
    assert rows_of(data) == [("0017", "17", "2027", "52000.5", "2027-04-03 00:00:00", "true", "", "x", 2)]


def test_formulas_of_an_old_workbook_are_read_by_their_last_values() -> None:
    data = xls([["a", "b"], [Formula("0017"), Formula(2027.0)]])
    assert rows_of(data) == [("0017", "2027", 2)]


@both
def test_rows_have_their_true_numbers(write: Write) -> None:
    assert [row[-1] for row in rows_of(write([[], HEADINGS, ZOE, [], ["  "], TARIQ]))] == [3, 6]


@both
def test_students_of_a_workbook_are_checked_and_their_wrong_cells_named(
    write: Write, hand_in: HandIn
) -> None:
    wrong = ["0019", "Ana", "Cruz", "ana", 27]
    upload = hand_in(write([HEADINGS, ZOE, TARIQ, wrong]))
    assert (upload.new_rows, upload.wrong_rows) == (2, 1)
    assert [(each["row"], each["column"], each["value"]) for each in upload.problems] == [
        (4, "Email", "ana"),
        (4, "Class Year", "27"),
    ]


@both
def test_dates_and_amounts_of_a_workbook_are_imported(write: Write, hand_in: HandIn, person: Person) -> None:
    begin_import(upload=hand_in(write([HEADINGS, ZOE])), by=person)
    run_parts(lane="uploads")
    head = ["student", "status", "start date", "salary"]
    upload = hand_in(write([head, ["0017", "employed", date(2027, 9, 1), 52000.5]]), dataset=OUTCOMES.name)
    begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    outcome = Outcome.objects.select_related("student").get()
    assert (outcome.started_on, outcome.salary) == (date(2027, 9, 1), Decimal("52000.50"))
    assert outcome.student.last_name == "Müller-Łukasz 𝄞"


@both
def test_the_beginning_shows_sheet_headings_and_first_rows(write: Write) -> None:
    look = look_at(ContentFile(write([HEADINGS, ZOE, TARIQ], name="Spring")), dataset=STUDENTS)
    assert (look.sheet, look.sheets, look.headings) == ("Spring", ("Spring",), tuple(HEADINGS))
    assert look.sample[1][:2] == ("0018", "Tariq")


@both
def test_a_workbook_that_was_cut_off_is_refused(write: Write) -> None:
    data = write([HEADINGS, *[[f"{number:05}", *ZOE[1:]] for number in range(200)]])
    for length in (600, len(data) // 2, len(data) - 600):
        with pytest.raises(UnreadableFile):
            rows_of(data[:length])


def test_a_real_path_without_an_ending_is_known_by_its_content(tmp_path: Path) -> None:
    for place, data in enumerate((xls([HEADINGS, ZOE]), xlsb([HEADINGS, ZOE]))):
        path = tmp_path / f"received {place}"
        path.write_bytes(data)
        with path.open("rb") as content:
            assert look_at(content, dataset=STUDENTS).headings == tuple(HEADINGS)
