"""Applications: uploaded like every dataset, and a way to find students."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from jobs.directory import StudentFilter, directory
from jobs.models import Person, School
from jobs.testing import make_person, make_school, run_parts
from uploads.importing import begin_import
from uploads.models import Application, Employer, Student, Upload, UploadState, Vacancy
from uploads.undoing import begin_undo

HandIn = Callable[..., Upload]


def add_student(school: School, number: str, name: str) -> Student:
    return Student.objects.create(
        school=school, number=number, first_name=name, last_name="L", email=f"{name}@l.example"
    )


def add_vacancy(school: School, number: str) -> Vacancy:
    employer, _ = Employer.objects.get_or_create(school=school, name="Harbor Health")
    return Vacancy.objects.create(school=school, number=number, employer=employer, title="Nurse")


def apply(student: Student, vacancy: Vacancy, status: str = "applied") -> None:
    Application.objects.create(school=student.school, student=student, vacancy=vacancy, status=status)


@pytest.fixture
def maya(school: School) -> Student:
    """A student who is known."""
    return add_student(school, "0017", "Maya")


@pytest.fixture
def nurse(school: School) -> Vacancy:
    """A vacancy that is known."""
    return add_vacancy(school, "V1")


def imported(upload: Upload) -> Upload:
    assert begin_import(upload=upload, by=upload.created_by), upload.problems
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert upload.state == UploadState.IMPORTED
    return upload


def test_applications_are_known_by_student_and_vacancy(
    hand_in: HandIn, school: School, maya: Student, nurse: Vacancy
) -> None:
    add_vacancy(school, "V2")
    head = "student id,job id,stage,date applied\n"
    first = imported(hand_in(head + "0017,V1,Submitted,2027-02-15\n0017,V2,offer,\n", dataset="applications"))
    assert (first.new_rows, first.wrong_rows) == (2, 0)
    again = imported(hand_in(head + "0017,V1,Hired,\n0017,V2,offered,\n", dataset="applications"))
    assert (again.new_rows, again.changed_rows, again.unchanged_rows) == (0, 1, 1)
    application = Application.objects.get(vacancy=nurse)
    assert (application.status, application.applied_on) == ("hired", date(2027, 2, 15))


def test_import_of_applications_is_undone(
    hand_in: HandIn, person: Person, maya: Student, nurse: Vacancy
) -> None:
    head = "student number,vacancy number,status\n"
    imported(hand_in(head + "0017,V1,applied\n", dataset="applications"))
    upload = imported(hand_in(head + "0017,V1,rejected\n", dataset="applications"))
    assert begin_undo(upload=upload, by=person)
    run_parts(lane="uploads")
    assert Application.objects.get().status == "applied"


def test_wrong_applications_are_named(hand_in: HandIn, maya: Student, nurse: Vacancy) -> None:
    other = make_school()
    add_student(other, "99", "Zoe")
    add_vacancy(other, "V9")
    upload = hand_in(
        "student number,vacancy number,status,applied on\n"
        "99,V1,applied,\n"
        "0017,V9,applied,\n"
        "0017,V1,dreaming,\n"
        "0017,V1,applied,2027-02-30\n",
        dataset="applications",
    )
    assert [(problem["row"], problem["column"], problem["reason"]) for problem in upload.problems] == [
        (2, "student number", "No student of this school is known by it."),
        (3, "vacancy number", "No vacancy of this school is known by it."),
        (4, "status", "It is none of the words that we know here."),
        (5, "applied on", "There is no such day."),
        (5, "student number and vacancy number", "Row 4 has the same student number and vacancy number."),
    ]


def test_students_are_found_by_what_they_applied_to(school: School, maya: Student, nurse: Vacancy) -> None:
    noah = add_student(school, "0018", "Noah")
    apply(maya, nurse, "interview")
    apply(noah, nurse, "withdrawn")
    other = make_school()
    apply(add_student(other, "0017", "Zoe"), add_vacancy(other, "V1"))

    def found(**chosen: Any) -> list[str]:
        students = directory().students(school_id=school.pk, chosen=StudentFilter(**chosen))
        return [student.first_name for student in students]

    assert found(vacancy="V1") == ["Maya", "Noah"]
    assert found(vacancy="V1", statuses=("applied", "interview")) == ["Maya"]
    assert found(vacancy="V2") == []


def test_vacancies_to_choose_from_have_applications(school: School, maya: Student, nurse: Vacancy) -> None:
    later, idle = add_vacancy(school, "V2"), add_vacancy(school, "V3")
    apply(maya, nurse)
    apply(maya, later)
    other = make_school()
    apply(add_student(other, "1", "Zoe"), add_vacancy(other, "V9"))

    def offered(most: int = 10, with_number: str = "") -> list[str]:
        found = directory().vacancies(school_id=school.pk, most=most, with_number=with_number)
        return [each.number for each in found]

    assert offered() == ["V2", "V1"]
    assert offered(most=1) == ["V2"]
    assert offered(most=1, with_number=idle.number) == ["V2", "V3"]
    assert offered(with_number="V9") == ["V2", "V1"]


def test_list_of_students_can_be_of_applicants(
    client: Client, school: School, maya: Student, nurse: Vacancy
) -> None:
    add_student(school, "0018", "Noah")
    client.force_login(make_person(school=school))
    assert "Applied to" not in client.get("/uploads/students/").content.decode()
    apply(maya, nurse, "rejected")
    page = client.get("/uploads/students/", {"vacancy": "V1"}).content.decode()
    assert "Nurse, Harbor Health (V1)" in page
    assert "Maya" in page
    assert "Noah" not in page
    still_open = client.get("/uploads/students/", {"vacancy": "V1", "status": "open"}).content.decode()
    assert "No student fits this choice." in still_open
