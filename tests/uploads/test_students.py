"""The directory by which other apps reach students."""

import pytest
from django.core.files.base import ContentFile

from jobs import files
from jobs.directory import StudentFilter, directory
from jobs.models import School
from jobs.testing import make_school
from uploads.models import Student, StudentDocument

PEOPLE = [
    ("007", "Maya", "Lee", "Nursing", 2027),
    ("008", "Tariq", "Hansen", "", None),
    ("009", "Ana", "Lee", "English", 2026),
]


@pytest.fixture
def students(school: School) -> list[Student]:
    """Three students of the school."""
    rows = [
        Student(
            school=school,
            number=number,
            first_name=first,
            last_name=last,
            major=major,
            graduation_year=year,
            email=f"{first.lower()}@s.example",
        )
        for number, first, last, major, year in PEOPLE
    ]
    return Student.objects.bulk_create(rows)


def found(school: School, **chosen: object) -> list[str]:
    students = directory().students(school_id=school.pk, chosen=StudentFilter(**chosen))  # type: ignore[arg-type]
    return [student.name for student in students]


@pytest.mark.usefixtures("students")
def test_students_come_by_last_then_first_name(school: School) -> None:
    assert found(school) == ["Tariq Hansen", "Ana Lee", "Maya Lee"]


@pytest.mark.usefixtures("students")
def test_each_filter_narrows(school: School) -> None:
    assert found(school, major="Nursing") == ["Maya Lee"]
    assert found(school, graduation_year=2026) == ["Ana Lee"]
    assert found(school, search="a lee") == ["Ana Lee", "Maya Lee"]
    assert found(school, search="tariq@s") == ["Tariq Hansen"]
    assert found(school, search="009") == ["Ana Lee"]
    assert found(school, search="lee", major="English") == ["Ana Lee"]
    assert found(school, search="100%") == []


@pytest.mark.usefixtures("students")
def test_students_are_found_by_their_addresses_in_any_case(school: School) -> None:
    Student.objects.create(school=make_school(), number="1", email="maya@s.example")
    wanted = ["MAYA@s.example", "nobody@s.example", "tariq@s.example"]
    found = directory().students_by_email(school_id=school.pk, emails=wanted)
    assert [student.name for student in found] == ["Tariq Hansen", "Maya Lee"]


@pytest.mark.usefixtures("students")
def test_choices_hold_only_what_occurs(school: School) -> None:
    assert directory().majors(school_id=school.pk) == ["English", "Nursing"]
    assert directory().graduation_years(school_id=school.pk) == [2026, 2027]


def test_another_school_sees_none_of_them(students: list[Student]) -> None:
    other = make_school()
    ids = [student.pk for student in students]
    assert found(other) == []
    assert directory().students_by_id(school_id=other.pk, ids=ids) == {}
    assert directory().documents(school_id=other.pk, student_ids=ids, document_types=["resume"]) == []


def test_documents_come_in_the_order_that_was_asked_for(school: School, students: list[Student]) -> None:
    for student in students:
        for document_type in ("resume", "transcript"):
            stored = files.store(
                school=school,
                name=f"{student.number}-{document_type}.pdf",
                media_type="application/pdf",
                content=ContentFile(student.number.encode()),
            )
            StudentDocument.objects.create(
                school=school, student=student, document_type=document_type, file=stored
            )
    asked = [students[2].pk, students[0].pk]
    documents = directory().documents(
        school_id=school.pk, student_ids=asked, document_types=["transcript", "resume"]
    )
    assert [document.file_name for document in documents] == [
        "009-transcript.pdf",
        "009-resume.pdf",
        "007-transcript.pdf",
        "007-resume.pdf",
    ]
    with documents[0].file.open("rb") as content:
        assert content.read() == b"009"


def test_students_are_found_by_their_numbers_in_any_case(school: School) -> None:
    numbers = ("H003", "ab1", "Ab1", "Öz1", "İ5", "x")
    for other in (school, make_school()):
        Student.objects.bulk_create(Student(school=other, number=number) for number in numbers)
    wanted = ["h003", "AB1", "öZ1", "İ5"]
    found = directory().students_by_number_in_any_case(school_id=school.pk, numbers=wanted)
    assert sorted(student.number for student in found) == sorted(["H003", "ab1", "Ab1", "Öz1", "İ5"])


def test_student_is_found_whose_number_was_uploaded_in_another_form(school: School) -> None:
    Student.objects.create(school=school, number="A\u0308-7")
    for wanted in ("Ä-7", "ä-7"):
        [found] = directory().students_by_number_in_any_case(school_id=school.pk, numbers=[wanted])
        assert found.number == "A\u0308-7"


@pytest.mark.usefixtures("students")
def test_releases_are_told_where_students_said_so_and_of_their_own_school_alone(
    school: School, students: list[Student]
) -> None:
    maya, tariq, ana = students
    Student.objects.filter(pk=maya.pk).update(resume_release="yes", transcript_release="no")
    Student.objects.filter(pk=ana.pk).update(transcript_release="yes")
    ids = [maya.pk, tariq.pk, ana.pk]
    said = {(maya.pk, "resume"): True, (maya.pk, "transcript"): False, (ana.pk, "transcript"): True}
    assert directory().releases(school_id=school.pk, student_ids=ids) == said
    assert directory().releases(school_id=make_school().pk, student_ids=ids) == {}
