"""The dry run: counts, problems and the error file; it writes no student."""

import csv
import io
from collections.abc import Callable

import pytest

from jobs.models import Job, JobState, Person, School
from jobs.testing import make_person, run_parts
from uploads.models import Student, Upload, UploadState

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
TARIQ = "0018,Tariq,Hansen,tariq@school.example,,\n"


def counts(upload: Upload) -> tuple[int, int, int, int]:
    return upload.new_rows, upload.changed_rows, upload.unchanged_rows, upload.wrong_rows


def error_rows(upload: Upload) -> list[dict[str, str]]:
    assert upload.error_file is not None
    with upload.error_file.content.open("rb") as file:
        return list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


@pytest.fixture
def maya(school: School) -> Student:
    """A student that is known already."""
    return Student.objects.create(
        school=school,
        number="0017",
        first_name="Maya",
        last_name="Lee",
        email="maya@school.example",
        major="Nursing",
        graduation_year=2027,
    )


def test_a_check_counts_and_writes_no_student(hand_in: HandIn, maya: Student) -> None:
    upload = hand_in(HEAD + MAYA + TARIQ + ",No,Number,n@school.example,,\n")
    assert upload.state == UploadState.CHECKED
    assert counts(upload) == (1, 0, 1, 1)
    assert Student.objects.count() == 1


def test_the_job_counts_rows_as_its_units(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + ",No,Number,n@school.example,,\n")
    assert upload.check_job is not None
    assert (upload.check_job.units_done, upload.check_job.units_total) == (2, 2)
    assert upload.check_job.state == JobState.DONE


def test_a_difference_in_any_column_is_a_change(hand_in: HandIn, maya: Student) -> None:
    assert counts(hand_in(HEAD + MAYA.replace("Nursing", "English"))) == (0, 1, 0, 0)
    assert counts(hand_in(HEAD + MAYA.replace("2027", ""))) == (0, 1, 0, 0)


def test_a_column_that_is_missing_changes_nothing(hand_in: HandIn, maya: Student) -> None:
    upload = hand_in("number,first name,last name,email,phone\n0017,Maya,Lee,maya@school.example,12\n")
    assert counts(upload) == (0, 0, 1, 0)
    assert upload.unused_columns == ["phone"]


def test_another_schools_students_are_not_compared(hand_in: HandIn, maya: Student) -> None:
    assert counts(hand_in(HEAD + MAYA, by=make_person())) == (1, 0, 0, 0)


def test_a_repeated_number_names_the_first_row_even_when_that_is_wrong(hand_in: HandIn) -> None:
    wrong_first = MAYA.replace("2027", "soon")
    upload = hand_in(HEAD + TARIQ + wrong_first + MAYA.replace("maya@", "maya.lee@"))
    assert counts(upload) == (1, 0, 0, 2)
    assert [(problem["row"], problem["reason"]) for problem in upload.problems] == [
        (3, "It is not a year from 1950 to 2100."),
        (4, "Row 3 has the same number."),
    ]


def test_a_repeated_address_is_found_whatever_its_case(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + TARIQ.replace("tariq@school", "MAYA@School"))
    assert counts(upload) == (1, 0, 0, 1)
    assert upload.problems[0]["reason"] == "Row 2 has the same email."


def test_the_error_file_holds_the_wrong_rows_with_their_reasons(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + "0019,Ana,Cruz,ana(at)school.example,Art,\n0020,Bo\n")
    first, second = error_rows(upload)
    assert first["last name"] == "Cruz"
    assert first["problem"].startswith("Row 3: email: It is not an e-mail address.")
    assert second["problem"].startswith("Row 4: The row has 2 cells")
    assert upload.error_file is not None
    assert upload.error_file.name == "students wrong rows.csv"


def test_the_error_file_runs_no_formula(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + '"=HYPERLINK(""http://x"")",+1,-2,@SUM(A1),"\tx",\n')
    row = error_rows(upload)[0]
    assert [row[name][0] for name in ("number", "first name", "last name", "email", "major")] == ["'"] * 5


def test_a_corrected_error_file_can_be_uploaded_as_it_is(hand_in: HandIn) -> None:
    wrong = hand_in(HEAD + "-17,Ana,Cruz,ana(at)school.example,Art,\n")
    assert wrong.error_file is not None
    with wrong.error_file.content.open("rb") as file:
        corrected = file.read().replace(b"(at)", b"@")
    upload = hand_in(corrected)
    assert counts(upload) == (1, 0, 0, 0)
    assert upload.unused_columns == []


def test_only_the_first_problems_are_kept_for_the_page(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + "".join(f"{number},A,B,nobody,,\n" for number in range(60)))
    assert upload.wrong_rows == 60
    assert [problem["row"] for problem in upload.problems] == list(range(2, 52))
    assert len(error_rows(upload)) == 60


def test_a_file_that_breaks_off_is_refused_with_a_sentence(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA * 3 + '0099,"Ana,Cruz\n')
    assert upload.state == UploadState.REFUSED
    assert upload.reason.startswith("Row 5 cannot be read: a quotation mark is not closed")
    assert upload.check_job is not None
    assert (upload.check_job.state, upload.check_job.error) == (JobState.FAILED, upload.reason)


def test_a_second_run_of_a_check_changes_nothing(hand_in: HandIn, person: Person) -> None:
    upload = hand_in(HEAD + MAYA)
    job = upload.check_job
    assert job is not None
    Student.objects.create(
        school=upload.school, number="0017", first_name="M", last_name="L", email="m@l.example"
    )
    Job.objects.filter(pk=job.pk).update(state=JobState.WORKING, ended_at=None, parts_open=1)
    job.parts.filter(step="work").update(state="waiting", ended_at=None)
    assert run_parts(lane="uploads") == 1
    upload.refresh_from_db()
    assert counts(upload) == (1, 0, 0, 0)


def test_check_tells_its_rows_before_it_begins(hand_in: HandIn) -> None:
    job = hand_in("number,email\n1,a@x.example\n2,b@x.example\n", checked=False).check_job
    assert job is not None
    assert (job.units_total, job.sizes["rows"]) == (2, 2)
