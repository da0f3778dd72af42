"""Whoever's password or second step is changed is told so by mail, whoever did it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from emails import login_news
from jobs.models import Job, Person, PersonEvent, Role
from jobs.testing import PASSWORD, make_person, make_school
from tests.switchyard.mailed_texts import mailed_texts
from tests.switchyard.totp import code_at

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
NEW = "nineteen blue lamps"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WAYS = "/account/second-step/"
Mails = Callable[[], list[str]]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(clock: time_machine.Traveller) -> Person:
    return make_person(school=make_school(), email="sam@northfield.example")


@pytest.fixture
def mails(settings: Settings) -> Mails:
    """Let a worker do what waits, and return the texts that left."""
    settings.SITE_URL = "https://careers.example"
    return mailed_texts


def at_home(person: Person) -> Client:
    """Return who is signed in and was asked for the password a moment ago."""
    client = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.9")
    client.force_login(person)
    client.post("/account/again/", {"password": PASSWORD})
    return client


def add_app(client: Client) -> None:
    page = client.get(f"{WAYS}totp/activate/").content.decode()
    found = re.search(r'<code class="whole">(\w+)</code>', page)
    assert found
    code = code_at(found[1], seconds=NOW.timestamp())
    assert client.post(f"{WAYS}totp/activate/", {"code": code}).status_code == 302


def test_new_password_is_told_with_when_from_where_and_what_to_do(person: Person, mails: Mails) -> None:
    sent = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
    assert at_home(person).post("/account/password/", sent).status_code == 302
    [mail] = mails()
    assert "changed the password, from 203.0.113.9 with Firefox on Linux." in mail
    assert "3 Nov 2026, 10:42 (UTC)" in mail
    assert "https://careers.example/account/password/forgotten/" in mail
    assert "https://careers.example/account/second-step/" in mail


def test_each_change_of_second_steps_is_told_once(
    person: Person,
    mails: Mails,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client = at_home(person)
    with django_capture_on_commit_callbacks(execute=True):
        add_app(client)
    assert ["set up an authenticator app" in mail for mail in mails()] == [True]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{WAYS}recovery-codes/generate/")
    assert ["made new recovery codes" in mail for mail in mails()] == [True]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{WAYS}totp/deactivate/")
    assert ["removed the authenticator app" in mail for mail in mails()] == [True]


def test_removed_passkey_is_told(person: Person, mails: Mails) -> None:
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key", "credential": {}})
    assert at_home(person).post(f"{WAYS}webauthn/keys/{key.pk}/remove/").status_code == 302
    [mail] = mails()
    assert "removed a passkey, from 203.0.113.9" in mail


def test_what_an_administrator_removed_is_told_with_their_name(person: Person, mails: Mails) -> None:
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key", "credential": {}})
    ada = make_person(role=Role.ADMIN)
    client = Client()
    client.force_login(ada)
    client.post(f"/people/{person.pk}/second-steps/")
    [mail] = mails()
    assert f"{ada.name} removed the app and the passkeys of {person.name}." in mail


def test_password_set_by_a_link_is_told(person: Person, mails: Mails) -> None:
    Client().post("/account/password/forgotten/", {"email": person.email})
    found = re.search(r"https://careers\.example(\S+)", mails()[0])
    assert found
    Client().post(found[1], {"new_password": NEW, "new_password_again": NEW})
    [mail] = mails()
    assert "set a password by the link for who forgot it" in mail


def test_codes_wait_for_no_such_mail(person: Person) -> None:
    event = PersonEvent.objects.create(about=person, by=person, what="did it", at=NOW, school=person.school)
    job = login_news.tell(event)
    assert job.lane == "mail"
    assert Job.objects.filter(lane="codes").count() == 0


def test_people_of_no_school_are_told_too(mails: Mails) -> None:
    sent = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
    at_home(make_person(role=Role.ADMIN)).post("/account/password/", sent)
    assert len(mails()) == 1


def test_who_left_is_told_nothing(person: Person, mails: Mails) -> None:
    event = PersonEvent.objects.create(about=person, by=person, what="did it", at=NOW, school=person.school)
    login_news.tell(event)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert mails() == []


def test_old_event_is_still_told_when_it_was(
    person: Person, mails: Mails, clock: time_machine.Traveller
) -> None:
    event = PersonEvent.objects.create(about=person, by=person, what="did it", at=NOW, school=person.school)
    login_news.tell(event)
    clock.shift(timedelta(hours=1))
    assert "3 Nov 2026, 10:42 (UTC)" in mails()[0]
