"""Whose a file is: the one student's whose number stands in its name."""

from dataclasses import replace
from typing import Any

import pytest

from emails import matching
from emails.models import Mailing
from jobs.models import School
from tests.emails.people import A, B, C


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School) -> Mailing:
    """A draft to Ana (00000), Bea (00001) and Cem (00002)."""
    students.add(school, A, B, C)
    return draft


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("00001.pdf", "00001"),
        ("Letter_00001.pdf", "00001"),
        ("00001 - results (final).pdf", "00001"),
        ("Öz, Bea, 00001.PDF", "00001"),
        ("1.pdf", None),
        ("000011.pdf", None),
        ("00001_00002.pdf", None),
        ("letter.pdf", None),
        (".pdf", None),
        ("L-20417.pdf", "L-20417"),
        ("Letter_L-20417 (2).pdf", "L-20417"),
        ("2027.20418 letter.pdf", "2027.20418"),
        ("letter 20417.pdf", "20417"),
        ("L-20417_20417.pdf", None),
        ("00001.DOCX", "00001"),
        ("Zeugnis Öz 00001.ics", "00001"),
        ("00001.tar.gz", "00001"),
        ("00001", "00001"),
        ("Ä00001.pdf", None),
        ("A\u030800001.pdf", None),
    ],
)
def test_file_belongs_to_the_one_student_whose_number_is_in_its_name(
    mailing: Mailing, school: School, students: Any, name: str, number: str | None
) -> None:
    for other in ("L-20417", "20417", "2027.20418"):
        [added] = students.add(school, f"{len(other)}@x.example")
        students.by_school[school.pk][-1] = replace(added, number=other)
    owner = students.students_by_number(school_id=school.pk, numbers=[number or ""]).get(number)
    assert matching.match([name], school=school) == {name: owner.id if owner else None}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("h003.pdf", "H003"),
        ("LETTER_H003.PDF", "H003"),
        ("h003 H003.pdf", "H003"),
        ("ab1.pdf", "ab1"),
        ("Ab1.pdf", "Ab1"),
        ("AB1.pdf", None),
        ("Ab1 AB1.pdf", "Ab1"),
        ("l-h003.pdf", "L-h003"),
        ("Cd-7.pdf", None),
        ("CD-7.pdf", "CD-7"),
    ],
)
def test_number_is_found_in_any_case_unless_that_is_all_that_tells_two_apart(
    mailing: Mailing, school: School, students: Any, name: str, number: str | None
) -> None:
    ids = {}
    for other in ("H003", "L-h003", "ab1", "Ab1", "cd-7", "CD-7", "7"):
        [added] = students.add(school, f"{other}@x.example")
        students.by_school[school.pk][-1] = replace(added, number=other)
        ids[other] = added.id
    assert matching.match([name], school=school) == {name: ids[number] if number else None}


def test_number_that_was_uploaded_in_another_form_is_found(
    mailing: Mailing, school: School, students: Any
) -> None:
    [added] = students.add(school, "dee@x.example")
    students.by_school[school.pk][-1] = replace(added, number="A\u03087")
    assert matching.match(["Ä7.pdf"], school=school) == {"Ä7.pdf": added.id}
    [other] = students.add(school, "eve@x.example")
    students.by_school[school.pk][-1] = replace(other, number="Ä7")
    assert matching.match(["Ä7.pdf"], school=school) == {"Ä7.pdf": None}
