"""Where a person is signed in, and what a new password ends."""

import pytest
from django.test import Client

from jobs.models import Person
from jobs.testing import PASSWORD, make_person
from tests.switchyard.mailed_codes import mail_the_code

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:132.0) Gecko/20100101 Firefox/132.0"
NEW = "nineteen blue lamps"


@pytest.fixture
def person() -> Person:
    return make_person()


def signed_in(person: Person, *, agent: str = FIREFOX, address: str = "203.0.113.9") -> Client:
    """Sign in with password and mailed code; return the browser."""
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert client.post("/sign-in/code/", {"code": mail_the_code(person)})["Location"] == "/"
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


@pytest.fixture
def two(person: Person) -> tuple[Client, Client]:
    return signed_in(person), signed_in(person, agent="curl/8", address="198.51.100.7")


def test_each_session_is_listed_with_its_browser_and_address(two: tuple[Client, Client]) -> None:
    page = two[0].get("/account/sessions/").content.decode()
    assert "Firefox on Windows" in page
    assert "203.0.113.9" in page
    assert "198.51.100.7" in page
    assert page.count("this one") == 1


def test_session_from_before_the_list_is_listed_too(person: Person) -> None:
    client = Client(headers={"User-Agent": FIREFOX})
    client.force_login(person)
    assert "this one" in client.get("/account/sessions/").content.decode()


def test_one_session_is_ended(two: tuple[Client, Client]) -> None:
    here, there = two
    found = here.get("/account/sessions/").context["sessions"]
    other = next(session for session, _ in found if session.ip == "198.51.100.7")
    assert here.post(f"/account/sessions/{other.pk}/end/")["Location"] == "/account/sessions/"
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_session_of_somebody_else_is_not_found(two: tuple[Client, Client]) -> None:
    stranger = signed_in(make_person())
    for session, _ in two[0].get("/account/sessions/").context["sessions"]:
        assert stranger.post(f"/account/sessions/{session.pk}/end/").status_code == 404
    assert all(is_signed_in(client) for client in two)


def test_all_other_sessions_are_ended_at_once(two: tuple[Client, Client]) -> None:
    here, there = two
    here.post("/account/sessions/end-others/")
    assert is_signed_in(here)
    assert not is_signed_in(there)


def change(client: Client, *, password: str = PASSWORD, new: str = NEW, again: str = NEW) -> str:
    sent = {"password": password, "new_password": new, "new_password_again": again}
    return client.post("/account/password/", sent, follow=True).content.decode()


def test_new_password_ends_all_other_sessions(two: tuple[Client, Client], person: Person) -> None:
    here, there = two
    assert "Your password is changed." in change(here)
    assert is_signed_in(here)
    assert not is_signed_in(there)
    person.refresh_from_db()
    assert person.check_password(NEW)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"password": "wrong"}, "That is not your password."),
        ({"again": "another"}, "The two new passwords are not the same."),
        ({"new": "short", "again": "short"}, "at least 12 characters"),
        ({"new": PASSWORD, "again": PASSWORD}, "This is your password now: choose another one."),
        ({"new": "q1w2e3r4t5y6", "again": "q1w2e3r4t5y6"}, "too common"),
    ],
)
def test_password_that_cannot_be_is_said(person: Person, sent: dict[str, str], said: str) -> None:
    client = signed_in(person)
    assert said in change(client, **sent)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_own_password_is_not_guessed_either(person: Person) -> None:
    client = signed_in(person)
    for _ in range(5):
        change(client, password="wrong")
    assert "There were too many wrong passwords." in change(client)


def test_person_without_a_password_is_told_where_theirs_is(person: Person) -> None:
    client = signed_in(person)
    person.set_unusable_password()
    person.save()
    client.force_login(person)
    assert "You sign in with your school." in client.get("/account/password/").content.decode()


def test_person_who_left_is_out_at_once(two: tuple[Client, Client], person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert not any(is_signed_in(client) for client in two)
