"""Undoing an import: rows become what they were, except those that changed since or that others need."""

import csv
import io
from collections.abc import Callable
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from jobs import files
from jobs.models import Job, Person, School
from jobs.testing import run_parts
from uploads.importing import begin_import
from uploads.models import Student, StudentDocument, Upload, UploadState
from uploads.undoing import begin_undo
from uploads.writing import Writer

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
TARIQ = "0018,Tariq,Hansen,tariq@school.example,,\n"


def rows() -> list[tuple[str, ...]]:
    return list(
        Student.objects.order_by("number").values_list("number", "last_name", "major", "graduation_year")
    )


def imported(upload: Upload, by: Person) -> Upload:
    assert begin_import(upload=upload, by=by)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    return upload


def undone(upload: Upload, by: Person) -> Upload:
    assert begin_undo(upload=upload, by=by)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    return upload


def kept(upload: Upload) -> list[list[str]]:
    assert upload.kept_file is not None
    with upload.kept_file.content.open("rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def test_new_rows_go_and_changed_ones_are_as_before(hand_in: HandIn, person: Person) -> None:
    imported(hand_in(HEAD + MAYA), person)
    before = rows()
    upload = imported(hand_in(HEAD + MAYA.replace("Nursing,2027", ",") + TARIQ), person)
    assert rows() != before
    undone(upload, person)
    assert rows() == before
    assert (upload.state, upload.undone_rows, upload.kept_rows) == (UploadState.UNDONE, 2, 0)
    assert upload.imported_at is not None


def test_what_changed_since_stays_and_is_listed(hand_in: HandIn, person: Person) -> None:
    imported(hand_in(HEAD + MAYA), person)
    upload = imported(hand_in(HEAD + MAYA.replace("Nursing", "English") + TARIQ), person)
    Student.objects.filter(number="0018").update(major="Art")
    Student.objects.filter(number="0017").update(last_name="Park")
    undone(upload, person)
    assert rows() == [("0017", "Park", "English", 2027), ("0018", "Hansen", "Art", None)]
    assert upload.kept_rows == 2
    assert kept(upload)[0] == ["row", "student number", "why it stays"]
    assert {(row[1], row[2]) for row in kept(upload)[1:]} == {
        ("0017", "It has changed since the import."),
        ("0018", "It has changed since the import."),
    }


def test_change_in_a_column_that_the_file_lacked_is_no_obstacle(hand_in: HandIn, person: Person) -> None:
    imported(hand_in(HEAD + MAYA), person)
    head = "number,first name,last name,email\n"
    upload = imported(hand_in(head + "0017,Maya,Park,maya@school.example\n"), person)
    Student.objects.update(major="Art")
    undone(upload, person)
    assert rows() == [("0017", "Lee", "Art", 2027)]


def test_student_with_documents_stays(hand_in: HandIn, person: Person, school: School) -> None:
    upload = imported(hand_in(HEAD + MAYA + TARIQ), person)
    stored = files.store(
        school=school, name="r.pdf", media_type="application/pdf", content=ContentFile(b"%PDF")
    )
    maya = Student.objects.get(number="0017")
    StudentDocument.objects.create(school=school, student=maya, document_type="resume", file=stored)
    undone(upload, person)
    assert [row[0] for row in rows()] == ["0017"]
    assert kept(upload)[1][2].startswith("Documents or other records")


def test_row_that_is_gone_is_listed(hand_in: HandIn, person: Person) -> None:
    upload = imported(hand_in(HEAD + MAYA), person)
    Student.objects.all().delete()
    undone(upload, person)
    assert kept(upload)[1][1:] == ["0017", "It is not there any more."]


def test_second_click_undoes_nothing_more(hand_in: HandIn, person: Person) -> None:
    upload = imported(hand_in(HEAD + MAYA), person)
    assert begin_undo(upload=upload, by=person)
    assert not begin_undo(upload=upload, by=person)
    run_parts(lane="uploads")
    assert not begin_undo(upload=upload, by=person)
    assert Job.objects.filter(kind="uploads.undo").count() == 1


def test_import_that_wrote_nothing_offers_no_undoing(hand_in: HandIn, person: Person) -> None:
    imported(hand_in(HEAD + MAYA), person)
    assert not begin_undo(upload=imported(hand_in(HEAD + MAYA), person), by=person)


def test_an_error_on_the_way_leaves_all_imported_rows(hand_in: HandIn, person: Person) -> None:
    upload = imported(hand_in(HEAD + MAYA), person)
    before = rows()
    with mock.patch.object(Writer, "remove", side_effect=OSError("the power is gone")):
        undone(upload, person)
    assert rows() == before
    assert upload.state == UploadState.UNDOING


def test_the_page_offers_the_undoing_and_tells_what_it_did(
    client: Client, hand_in: HandIn, person: Person
) -> None:
    client.force_login(person)
    upload = imported(hand_in(HEAD + MAYA), person)
    address = f"/uploads/{upload.pk}/"
    form = client.get(address).content.decode().split(f'action="{address}undo/"')[1].split("</form>")[0]
    assert "csrfmiddlewaretoken" in form
    assert client.post(f"{address}undo/").status_code == 302
    assert "is being undone" in client.get(address).content.decode()
    run_parts(lane="uploads")
    shown = " ".join(client.get(address).content.decode().split())
    assert "was undone: 1 row is as before it." in shown
    assert "undo/" not in shown
    assert not Student.objects.exists()


@pytest.mark.parametrize("state", [UploadState.IMPORTED, UploadState.UNDONE])
def test_the_same_file_is_told_only_while_its_import_stands(
    client: Client, hand_in: HandIn, person: Person, state: UploadState
) -> None:
    client.force_login(person)
    first = imported(hand_in(HEAD + MAYA), person)
    if state == UploadState.UNDONE:
        undone(first, person)
    again = hand_in(HEAD + MAYA)
    shown = client.get(f"/uploads/{again.pk}/").content.decode()
    assert ("This same file was imported already" in shown) == (state == UploadState.IMPORTED)


def test_nothing_is_imported_while_a_row_is_wrong_where_that_was_chosen(
    client: Client, hand_in: HandIn, person: Person
) -> None:
    client.force_login(person)
    upload = hand_in(HEAD + MAYA + "0019,Ana,Cruz,ana,,\n", needs_all=True)
    assert not begin_import(upload=upload, by=person)
    assert (
        "You chose to import nothing while a row is wrong"
        in client.get(f"/uploads/{upload.pk}/").content.decode()
    )
    whole = hand_in(HEAD + MAYA, needs_all=True)
    assert begin_import(upload=whole, by=person)
