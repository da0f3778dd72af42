"""The page of one student: documents, and what employers may have of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from jobs import files
from jobs.models import Person, Role, School
from jobs.testing import make_person, make_school, run_parts
from uploads.importing import begin_import
from uploads.models import ReleaseChange, Student, StudentDocument, Upload
from uploads.undoing import begin_undo

HEAD = "number,first name,last name,email,release resume,release transcript\n"


@pytest.fixture
def maya(school: School) -> Student:
    """A student with a résumé."""
    student = Student.objects.create(
        school=school, number="0017", first_name="Maya", last_name="Lee", email="m@l.example", major="Nursing"
    )
    file = files.store(
        school=school, name="lee.pdf", media_type="application/pdf", content=ContentFile(b"%PDF-1.7")
    )
    StudentDocument.objects.create(school=school, student=student, document_type="resume", file=file)
    return student


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which someone of the school is signed in."""
    client.force_login(person)
    return client


def address(student: Student) -> str:
    return f"/uploads/students/{student.pk}/"


def changes(student: Student) -> list[tuple[str, str, int | None, int | None]]:
    """Return what was noted of the student, oldest first."""
    found = ReleaseChange.objects.filter(student_id=student.pk).order_by("pk")
    return list(found.values_list("document_type", "choice", "changed_by", "upload"))


def test_page_shows_documents_and_is_linked_from_the_list(client: Client, maya: Student) -> None:
    assert f'href="{address(maya)}"' in client.get("/uploads/students/").content.decode()
    page = client.get(address(maya)).content.decode()
    assert "Maya Lee" in page
    assert "lee.pdf" in page
    assert "none stored" in page
    assert page.count('<td data-label="For employers">Not said</td>') == 2
    assert "Who got documents of this student" in page


def test_choice_is_changed_and_who_did_it_is_shown(client: Client, maya: Student, person: Person) -> None:
    answer = client.post(address(maya), {"resume": "no", "transcript": ""}, follow=True)
    page = answer.content.decode()
    assert "The choice is kept." in page
    maya.refresh_from_db()
    assert (maya.resume_release, maya.transcript_release) == ("no", "")
    assert changes(maya) == [("resume", "no", person.pk, None)]
    assert page.count(person.name) >= 2
    again = client.post(address(maya), {"resume": "no", "transcript": ""}, follow=True)
    assert "Nothing was changed" in again.content.decode()
    client.post(address(maya), {"transcript": "yes"})
    maya.refresh_from_db()
    assert (maya.resume_release, maya.transcript_release) == ("no", "yes")


def test_choice_that_there_is_not_is_refused(client: Client, maya: Student) -> None:
    assert client.post(address(maya), {"resume": "perhaps"}).status_code == 422
    assert changes(maya) == []


@pytest.mark.parametrize(("role", "status"), [(Role.SENDER, 302), (Role.AUDITOR, 403)])
def test_who_only_looks_changes_nothing(
    client: Client, school: School, maya: Student, role: Role, status: int
) -> None:
    may_change = status == 302
    client.force_login(make_person(school=school, role=role))
    page = client.get(address(maya))
    assert page.status_code == 200
    assert ("Keep what the student said" in page.content.decode()) == may_change
    assert client.post(address(maya), {"resume": "no"}).status_code == status
    maya.refresh_from_db()
    assert bool(maya.resume_release) == may_change


def test_student_of_another_school_is_not_found(client: Client, maya: Student) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.get(address(maya)).status_code == 404
    assert client.post(address(maya), {"resume": "no"}).status_code == 404
    assert changes(maya) == []


def test_imports_and_their_undoing_are_noted_with_their_file(
    client: Client, hand_in: Callable[..., Upload], maya: Student, person: Person
) -> None:
    upload = hand_in(HEAD + "0017,Maya,Lee,m@l.example,yes,\n0018,Ana,Poe,a@p.example,,no\n")
    assert begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    ana = Student.objects.get(number="0018")
    assert changes(maya) == [("resume", "yes", person.pk, upload.pk)]
    assert changes(ana) == [("transcript", "no", person.pk, upload.pk)]
    assert upload.file.name in client.get(address(ana)).content.decode()
    assert begin_undo(upload=Upload.objects.get(pk=upload.pk), by=person)
    run_parts(lane="uploads")
    assert changes(maya)[1:] == [("resume", "", person.pk, upload.pk)]
    assert not Student.objects.filter(pk=ana.pk).exists()


def test_what_changes_nothing_is_not_noted(maya: Student) -> None:
    Student.objects.filter(pk=maya.pk).update(resume_release="", major="Biology")
    assert changes(maya) == []
    Student.objects.filter(pk=maya.pk).update(resume_release="yes")
    assert changes(maya) == [("resume", "yes", None, None)]


def test_page_asks_the_database_a_fixed_number_of_times(
    client: Client, maya: Student, django_assert_max_num_queries: Any
) -> None:
    for choice in ("yes", "no") * 3:
        client.post(address(maya), {"resume": choice, "transcript": choice})
    with django_assert_max_num_queries(9):
        client.get(address(maya))
