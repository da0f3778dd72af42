"""The tokens' pages: made by staff for their school, shown once, revoked after a question."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import tokens
from jobs.models import ApiToken, Person, Role, School, Scope
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


def make(school: School | None, name: str = "Register") -> ApiToken:
    assert school is not None
    return tokens.make(school=school, name=name, scopes=[Scope.READ], by=None)[0]


def test_token_is_made_shown_once_and_works(client: Client, person: Person) -> None:
    form = {"name": "Register", "scopes": ["jobs:read", "jobs:submit"], "lasts": "90"}
    response = client.post("/tokens/new/", form)
    found = re.search(r'value="(sy_[^"]+)"', response.content.decode())
    assert found is not None
    token = tokens.find(found[1], now=timezone.now())
    assert token is not None
    assert (token.school, token.created_by) == (person.school, person)
    assert token.scopes == ["jobs:read", "jobs:submit"]
    assert token.expires_at is not None
    assert token.expires_at < timezone.now() + timedelta(days=91)
    assert "no-store" in response["Cache-Control"]
    listed = client.get("/tokens/").content.decode()
    assert "Register" in listed
    assert found[1] not in listed


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"scopes": []}, "Tick at least one"),
        ({"scopes": ["jobs:everything"]}, "Select a valid choice"),
        ({"lasts": "9999"}, "Select a valid choice"),
    ],
)
def test_choice_that_cannot_be_used_is_said_beside_its_field(
    client: Client, person: Person, wrong: dict[str, object], said: str
) -> None:
    response = client.post("/tokens/new/", {"name": "x", "scopes": ["jobs:read"], "lasts": "never", **wrong})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ApiToken.objects.exists()


def test_token_is_revoked_after_a_question(client: Client, person: Person) -> None:
    token = make(person.school)
    assert "Revoke the token for “Register”?" in client.get(f"/tokens/{token.pk}/revoke/").content.decode()
    assert ApiToken.objects.get().revoked_at is None
    response = client.post(f"/tokens/{token.pk}/revoke/", follow=True)
    assert ApiToken.objects.get().revoked_at is not None
    assert "lets nobody in any more" in response.content.decode()
    assert "Revoked" in response.content.decode()


def test_tokens_of_another_school_are_not_found(client: Client, person: Person) -> None:
    other = make(make_school(name="Lakeside College"), name="Not ours")
    assert "Not ours" not in client.get("/tokens/").content.decode()
    assert client.post(f"/tokens/{other.pk}/revoke/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize("path", ["/tokens/", "/tokens/new/"])
def test_people_without_a_school_make_no_tokens(client: Client, path: str) -> None:
    client.force_login(make_person(role=Role.OPS))
    assert client.get(path).status_code == 403


def test_expired_token_is_said_to_be(client: Client, person: Person) -> None:
    make(person.school)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in client.get("/tokens/").content.decode()


def test_page_tells_the_last_use_and_how_often_a_token_may_be_used(client: Client, person: Person) -> None:
    token = make(person.school)
    page = client.get("/tokens/").content.decode()
    assert "never" in page
    assert "600 times a minute" in page
    ApiToken.objects.filter(pk=token.pk).update(last_used_at="2026-11-24T12:00:00Z")
    assert "24 Nov, 12:00" in client.get("/tokens/").content.decode()


def test_empty_list_offers_the_first_token(client: Client, person: Person) -> None:
    assert "Make the first token" in client.get("/tokens/").content.decode()


def test_pages_ask_few_questions_however_many_tokens(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make(person.school, name=f"Program {number}")
    with django_assert_max_num_queries(4):
        client.get("/tokens/")
    with django_assert_max_num_queries(3):
        client.get("/tokens/new/")
