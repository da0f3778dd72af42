"""What people type into a form is kept for them until they send it."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from jobs import typed
from jobs.models import Person, Role, TypedForm
from jobs.pruning import prune
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


def keep(person: Person, form: str, text: str = "title=Fair") -> bool:
    assert person.school is not None
    return typed.keep(QueryDict(text), form=form, person=person, school=person.school, now=timezone.now())


def test_last_of_what_was_typed_is_kept(client: Client, person: Person) -> None:
    for title in ("Autumn", "Autumn fair"):
        said = client.post("/typed/packet/", {"title": title, "csrfmiddlewaretoken": "x"}).content.decode()
    assert said.startswith("Kept at")
    kept = typed.typed_into("packet", person=person)
    assert kept is not None
    assert kept.fields == "title=Autumn+fair"


def test_each_person_has_what_they_typed_alone(client: Client, person: Person) -> None:
    client.post("/typed/packet/", {"title": "Fair"})
    assert typed.typed_into("packet", person=make_person(school=person.school)) is None


def test_person_begins_anew(client: Client, person: Person) -> None:
    keep(person, "packet")
    assert client.post("/typed/packet/forget/", {"back": "/packets/new/"})["Location"] == "/packets/new/"
    assert typed.typed_into("packet", person=person) is None
    for back in ("https://evil.example/", "a-name"):
        assert client.post("/typed/packet/forget/", {"back": back})["Location"] == "/"


def test_what_is_too_long_is_not_kept_and_that_is_said(client: Client, person: Person) -> None:
    keep(person, "packet")
    said = client.post("/typed/packet/", {"title": "x" * typed.MOST_CHARACTERS}).content.decode()
    assert "too long" in said
    kept = typed.typed_into("packet", person=person)
    assert kept is not None
    assert kept.fields == "title=Fair"


def test_person_fills_no_table(person: Person) -> None:
    for number in range(typed.MOST_FORMS + 3):
        keep(person, f"mailing-{number}")
    assert TypedForm.objects.count() == typed.MOST_FORMS
    assert typed.typed_into("mailing-0", person=person) is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPS])
def test_who_does_no_work_for_a_school_keeps_nothing(client: Client, role: Role) -> None:
    client.force_login(make_person(role=role))
    assert client.post("/typed/packet/", {"title": "Fair"}).status_code == 403


def test_what_nobody_came_back_to_is_pruned(person: Person) -> None:
    keep(person, "packet")
    prune(now=timezone.now() + timedelta(days=29))
    assert TypedForm.objects.exists()
    prune(now=timezone.now() + timedelta(days=31))
    assert not TypedForm.objects.exists()
