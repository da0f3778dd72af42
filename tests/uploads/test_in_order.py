"""Imports of one school come one after the other and keep no worker waiting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from jobs.lifecycle import pause
from jobs.models import Part, PartState, Person
from jobs.testing import let_time_come, make_person, run_parts
from uploads.importing import begin_import
from uploads.models import Student, Upload, UploadState
from uploads.undoing import begin_undo

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email\n"
MAYA = "0017,Maya,Lee,maya@school.example\n"
MARA = MAYA.replace("Maya", "Mara")
LOCK = "SELECT {}(hashtextextended('uploads.import', %s))"


@contextmanager
def import_under_way(upload: Upload) -> Iterator[None]:
    """Hold what an import of the school holds, in a session of its own."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(LOCK.format("pg_advisory_lock"), [upload.school_id])
        yield
    finally:
        other.close()


def begun(upload: Upload, by: Person) -> Upload:
    assert begin_import(upload=upload, by=by)
    upload.refresh_from_db()
    return upload


def test_an_import_beside_another_one_gives_its_worker_back(
    client: Client, hand_in: HandIn, person: Person
) -> None:
    upload = begun(hand_in(HEAD + MAYA), person)
    with import_under_way(upload):
        assert run_parts(lane="uploads") == 1
    part = Part.objects.get(job=upload.import_job)
    assert (part.state, part.attempt) == (PartState.DELAYED, 0)
    client.force_login(person)
    assert (
        "Another import of the school is under way" in client.get(f"/uploads/{upload.pk}/").content.decode()
    )
    let_time_come()
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert upload.state == UploadState.IMPORTED


@pytest.mark.django_db(transaction=True)
def test_an_undoing_waits_for_its_turn_too(hand_in: HandIn, person: Person) -> None:
    upload = begun(hand_in(HEAD + MAYA), person)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert begin_undo(upload=upload, by=person)
    with import_under_way(upload):
        run_parts(lane="uploads")
    assert Student.objects.exists()
    let_time_come()
    run_parts(lane="uploads")
    assert not Student.objects.exists()


def test_who_asked_first_is_first_also_after_waiting(hand_in: HandIn, person: Person) -> None:
    first, second = hand_in(HEAD + MAYA), hand_in(HEAD + MARA)
    begun(first, person)
    with import_under_way(first):
        run_parts(lane="uploads")
    begun(second, person)
    run_parts(lane="uploads")
    assert not Student.objects.exists()
    let_time_come()
    run_parts(lane="uploads")
    let_time_come()
    run_parts(lane="uploads")
    assert Student.objects.get().first_name == "Mara"


def test_one_that_waits_and_is_paused_keeps_nobody_waiting(hand_in: HandIn, person: Person) -> None:
    first, second = hand_in(HEAD + MAYA), hand_in(HEAD + MARA)
    begun(first, person)
    with import_under_way(first):
        run_parts(lane="uploads")
    assert first.import_job is not None
    pause(first.import_job, by=person)
    begun(second, person)
    run_parts(lane="uploads")
    assert Student.objects.get().first_name == "Mara"


def test_imports_of_another_school_do_not_wait(hand_in: HandIn, person: Person) -> None:
    other = make_person()
    upload, theirs = hand_in(HEAD + MAYA), hand_in(HEAD + MARA, by=other)
    begun(theirs, other)
    with import_under_way(upload):
        run_parts(lane="uploads")
    assert Student.objects.get().school == other.school
