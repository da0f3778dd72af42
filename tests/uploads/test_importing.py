"""The import: all good rows at once or none, and never twice."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone

from jobs.leases import PartTaken
from jobs.models import Job, JobState, Person, School
from jobs.retries import NotNow
from jobs.testing import make_person, run_parts
from uploads import importing
from uploads.importing import begin_import, import_rows
from uploads.models import Student, Upload, UploadState

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
TARIQ = "0018,Tariq,Hansen,tariq@school.example,,\n"
WRONG = "0019,Ana,Cruz,ana,,\n"


def imported(upload: Upload, by: Person) -> Upload:
    assert begin_import(upload=upload, by=by)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    return upload


def test_an_import_writes_the_good_rows_alone(hand_in: HandIn, person: Person) -> None:
    upload = imported(hand_in(HEAD + MAYA + WRONG + TARIQ), person)
    assert upload.state == UploadState.IMPORTED
    assert list(Student.objects.order_by("number").values_list("number", "last_name", "graduation_year")) == [
        ("0017", "Lee", 2027),
        ("0018", "Hansen", None),
    ]
    assert upload.import_job is not None
    assert (upload.import_job.state, upload.import_job.units_done) == (JobState.DONE, 2)


def test_the_same_file_again_changes_nothing(hand_in: HandIn, person: Person) -> None:
    imported(hand_in(HEAD + MAYA + TARIQ), person)
    before = list(Student.objects.values())
    again = imported(hand_in(HEAD + MAYA + TARIQ), person)
    assert (again.new_rows, again.changed_rows, again.unchanged_rows) == (0, 0, 2)
    assert again.import_job is not None
    assert (again.import_job.units_done, again.import_job.units_total) == (2, 2)
    assert list(Student.objects.values()) == before


def test_an_import_updates_by_number_and_leaves_missing_columns_alone(
    hand_in: HandIn, person: Person
) -> None:
    imported(hand_in(HEAD + MAYA), person)
    upload = imported(
        hand_in("number,first name,last name,email\n0017,Maya,Lee-Park,maya@school.example\n"), person
    )
    student = Student.objects.get(number="0017")
    assert (student.last_name, student.major, student.graduation_year) == ("Lee-Park", "Nursing", 2027)
    assert upload.changed_rows == 1


def test_an_empty_cell_empties_the_value(hand_in: HandIn, person: Person) -> None:
    imported(hand_in(HEAD + MAYA), person)
    imported(hand_in(HEAD + MAYA.replace("Nursing,2027", ",")), person)
    student = Student.objects.get(number="0017")
    assert (student.major, student.graduation_year) == ("", None)


def test_what_students_release_is_taken_and_an_empty_cell_changes_nothing(
    hand_in: HandIn, person: Person
) -> None:
    head = "number,first name,last name,email,Résumé release,release transcript\n"
    row = "0017,Maya,Lee,maya@school.example,{},{}\n"
    imported(hand_in(head + row.format("Released", "No")), person)
    imported(hand_in(head + row.format("", "yes")), person)
    student = Student.objects.get()
    assert (student.resume_release, student.transcript_release) == ("yes", "yes")
    wrong = hand_in(head + row.format("perhaps", ""))
    assert [problem["column"] for problem in wrong.problems] == ["Résumé release"]


def test_texts_arrive_as_they_were_written(hand_in: HandIn, person: Person) -> None:
    row = '"a\\b",O\'Brien \\N,"""Ö"", ½",o@school.example,{\\.},\n'
    imported(hand_in(HEAD + row), person)
    student = Student.objects.get()
    assert (student.number, student.first_name, student.last_name, student.major) == (
        "a\\b",
        "O'Brien \\N",
        '"Ö", ½',
        "{\\.}",
    )


def test_schools_may_use_the_same_numbers(hand_in: HandIn, person: Person) -> None:
    other = make_person()
    imported(hand_in(HEAD + MAYA), person)
    imported(hand_in(HEAD + MAYA, by=other), other)
    assert set(Student.objects.values_list("school_id", "number")) == {
        (person.school_id, "0017"),
        (other.school_id, "0017"),
    }


def test_a_second_click_begins_no_second_import(hand_in: HandIn, person: Person) -> None:
    upload = hand_in(HEAD + MAYA)
    assert begin_import(upload=upload, by=person)
    assert not begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    assert not begin_import(upload=upload, by=person)
    assert Job.objects.filter(kind="uploads.import").count() == 1


def test_an_upload_without_good_rows_cannot_be_imported(hand_in: HandIn, person: Person) -> None:
    assert not begin_import(upload=hand_in(HEAD + WRONG), by=person)


def test_an_unchecked_upload_cannot_be_imported(hand_in: HandIn, person: Person) -> None:
    assert not begin_import(upload=hand_in(HEAD + MAYA, checked=False), by=person)


def test_a_second_run_of_the_import_writes_nothing(hand_in: HandIn, person: Person) -> None:
    upload = imported(hand_in(HEAD + MAYA), person)
    job = upload.import_job
    assert job is not None
    Student.objects.update(last_name="Changed since")
    Job.objects.filter(pk=job.pk).update(state=JobState.WORKING, ended_at=None, parts_open=1)
    job.parts.update(state="waiting", ended_at=None)
    assert run_parts(lane="uploads") == 1
    upload.refresh_from_db()
    assert (upload.new_rows, upload.changed_rows) == (1, 0)
    assert Student.objects.get().last_name == "Changed since"


class FakePart:
    """A part that is taken away at its nth check."""

    def __init__(self, job: Job, *, checks: int = 1000) -> None:
        """Be a part of `job` that survives `checks` checks."""
        self.job = job
        self.arguments: dict[str, Any] = dict(job.arguments)
        self.units = 10
        self.attempt = 1
        self.checks = checks

    def check(self) -> None:
        self.checks -= 1
        if self.checks < 0:
            raise PartTaken

    def report(self, *, done: int, failed: int = 0) -> None:
        assert done + failed <= self.units


def test_an_import_that_loses_its_part_before_the_end_leaves_nothing(hand_in: HandIn, person: Person) -> None:
    upload = hand_in(HEAD + MAYA + TARIQ)
    assert begin_import(upload=upload, by=person)
    upload.refresh_from_db()
    assert upload.import_job is not None
    with pytest.raises(PartTaken):
        import_rows(upload=upload, part=FakePart(upload.import_job, checks=1))
    assert not Student.objects.exists()
    upload.refresh_from_db()
    assert upload.state == UploadState.IMPORTING


@pytest.mark.parametrize("checks", range(7))
def test_an_import_that_is_taken_away_at_any_stage_leaves_nothing(
    hand_in: HandIn, person: Person, checks: int
) -> None:
    imported(hand_in(HEAD + MAYA), person)
    before = list(Student.objects.values())
    upload = hand_in(HEAD + MAYA.replace("Nursing", "English") + TARIQ)
    assert begin_import(upload=upload, by=person)
    upload.refresh_from_db()
    assert upload.import_job is not None
    with pytest.raises(PartTaken):
        import_rows(upload=upload, part=FakePart(upload.import_job, checks=checks))
    assert list(Student.objects.values()) == before
    upload.refresh_from_db()
    assert (upload.state, upload.undo_file) == (UploadState.IMPORTING, None)


def test_an_error_within_the_import_leaves_nothing_and_is_tried_again(
    hand_in: HandIn, person: Person
) -> None:
    upload = hand_in(HEAD + MAYA + TARIQ)
    write = importing.write

    def write_and_break(*args: Any, **given: Any) -> None:
        write(*args, **given)
        message = "the power is gone"
        raise OSError(message)

    with mock.patch.object(importing, "write", write_and_break):
        assert imported(upload, person).state == UploadState.IMPORTING
    assert not Student.objects.exists()
    part = upload.import_job.parts.get() if upload.import_job else None
    assert part is not None
    assert part.state == "delayed"


def test_a_stopped_import_may_be_begun_again(hand_in: HandIn, person: Person) -> None:
    upload = hand_in(HEAD + MAYA)
    assert begin_import(upload=upload, by=person)
    Job.objects.filter(kind="uploads.import").update(state=JobState.STOPPED, ended_at=timezone.now())
    assert imported(upload, person).state == UploadState.IMPORTED


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_school_at_once_do_not_wait_for_each_others_rows(
    hand_in: HandIn, person: Person, school: School
) -> None:
    rows = [f"{number:04d},Ana,Cruz,a{number}@school.example,,\n" for number in range(300)]
    uploads = [hand_in(HEAD + "".join(rows)), hand_in(HEAD + "".join(reversed(rows)))]

    def write(upload: Upload) -> None:
        assert upload.import_job is not None
        part = FakePart(upload.import_job)
        part.units = 300
        import_rows(upload=upload, part=part)

    barrier, put_off, errors = Barrier(2), [], []

    def run(upload: Upload) -> None:
        try:
            barrier.wait(10)
            write(upload)
        except NotNow:
            put_off.append(upload)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    for upload in uploads:
        assert begin_import(upload=upload, by=person)
        upload.refresh_from_db()
    threads = [Thread(target=run, args=(upload,)) for upload in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    for upload in put_off:
        write(upload)
    done = Upload.objects.values_list("new_rows", "changed_rows", "unchanged_rows")
    assert sorted(done) == [(0, 0, 300), (300, 0, 0)]
    assert Student.objects.filter(school=school).count() == 300
