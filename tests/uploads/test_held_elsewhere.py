"""Addresses that another known student has: who would take one is wrong."""

from collections.abc import Callable

import pytest

from jobs.models import JobState, Person, School
from jobs.testing import make_person, run_parts
from uploads.importing import begin_import
from uploads.models import Student, Upload, UploadState

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"


@pytest.fixture(autouse=True)
def known(school: School) -> None:
    """Two students that are known already."""
    for number, name in (("0017", "Maya"), ("0018", "Tariq")):
        Student.objects.create(
            school=school,
            number=number,
            first_name=name,
            last_name="Lee",
            email=f"{name.lower()}@school.example",
        )


def row(number: str, name: str, address: str) -> str:
    return f"{number},{name},Lee,{address},,\n"


def reasons(upload: Upload) -> list[tuple[int, str, str]]:
    return [(problem["row"], problem["column"], problem["reason"]) for problem in upload.problems]


def test_a_new_student_with_the_address_of_another_is_wrong(hand_in: HandIn) -> None:
    upload = hand_in(
        HEAD + row("17", "Maya", "MAYA@school.example") + row("0019", "Ana", "ana@school.example")
    )
    assert (upload.new_rows, upload.wrong_rows) == (1, 1)
    assert reasons(upload) == [(2, "email", "The student 0017 has the same email.")]
    assert upload.problems[0]["place"] == 3, "it can be corrected on the page"


def test_a_known_student_may_not_take_the_address_of_another(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + row("0018", "Tariq", "maya@school.example"))
    assert reasons(upload) == [(2, "email", "The student 0017 has the same email.")]


def test_addresses_may_change_hands_within_a_file(hand_in: HandIn) -> None:
    upload = hand_in(
        HEAD + row("0017", "Maya", "tariq@school.example") + row("0018", "Tariq", "maya@school.example")
    )
    assert (upload.changed_rows, upload.wrong_rows) == (2, 0)


def test_who_is_left_out_keeps_the_address_that_another_would_take(hand_in: HandIn, school: School) -> None:
    Student.objects.create(
        school=school, number="0020", first_name="A", last_name="B", email="ana@school.example"
    )
    upload = hand_in(
        HEAD
        + row("0017", "Maya", "ana@school.example")
        + row("0018", "Tariq", "maya@school.example")
        + row("0021", "Bo", "tariq@school.example")
    )
    assert reasons(upload) == [
        (2, "email", "The student 0020 has the same email."),
        (3, "email", "The student 0017 has the same email."),
        (4, "email", "The student 0018 has the same email."),
    ]
    assert [(each["count"], each["reason"]) for each in upload.problem_counts] == [
        (3, "Somebody else known here has the same.")
    ]


def test_who_has_had_the_address_of_another_for_long_is_left_in_peace(hand_in: HandIn) -> None:
    Student.objects.filter(number="0018").update(email="maya@school.example")
    upload = hand_in(HEAD + row("0018", "Tariq", "maya@school.example"))
    assert (upload.unchanged_rows, upload.wrong_rows) == (1, 0)


def test_another_school_may_have_the_address(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + row("17", "Maya", "maya@school.example"), by=make_person())
    assert (upload.new_rows, upload.wrong_rows) == (1, 0)


def test_nothing_is_imported_where_an_address_was_taken_since_the_check(
    hand_in: HandIn, person: Person
) -> None:
    upload = hand_in(HEAD + row("0019", "Ana", "new@school.example") + row("0022", "Bo", "bo@school.example"))
    Student.objects.filter(number="0018").update(email="new@school.example")
    assert begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert upload.state == UploadState.IMPORTING
    job = upload.import_job
    assert job is not None
    assert job.state == JobState.FAILED
    assert "so 1 of its rows are wrong now, in place of 0" in job.error
    assert not Student.objects.filter(number__in=("0019", "0022")).exists()
