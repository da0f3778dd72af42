"""What the audit keeps of people is written in the language of the platform."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from switchyard.accounts import schools_own

from emails import password_links
from jobs.models import Person, PersonEvent, Role, School
from jobs.testing import make_person, make_school
from tests.switchyard.mailed_texts import mailed_texts
from tests.switchyard.pseudo import speak, words_outside

pytestmark = pytest.mark.django_db

MARK = "Zyxquill"
FIRST, SECOND = "nineteen blue lamps", "twenty green doors"


@pytest.fixture
def school() -> School:
    """A school that is called by the mark."""
    return make_school(name=MARK)


@pytest.fixture
def manager(school: School, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser of who invites people, on a platform that speaks in brackets."""
    speak(monkeypatch)
    client = Client()
    client.force_login(make_person(school=school, role=Role.MANAGER))
    return client


def said() -> list[str]:
    """Return what the audit has, in order."""
    return list(PersonEvent.objects.order_by("pk").values_list("what", flat=True))


def set_by_the_mailed_link(settings: Settings, *, new: str) -> None:
    """Let a worker send what waits, and set a `new` password by the link in the newest mail."""
    settings.SITE_URL = "https://careers.example"
    [link] = re.findall(r"https://careers\.example(/\S+/)", mailed_texts()[-1])
    Client().post(link, {"new_password": new, "new_password_again": new})


def test_audit_of_invitations_links_and_second_steps(manager: Client, settings: Settings) -> None:
    manager.post("/people/invite/", {"name": MARK, "email": "noor@school.example", "role": "sender"})
    person = Person.objects.get(email="noor@school.example")
    manager.post(f"/people/{person.pk}/invite/")
    set_by_the_mailed_link(settings, new=FIRST)
    password_links.request_reset(email=person.email, now=timezone.now())
    set_by_the_mailed_link(settings, new=SECOND)
    Authenticator.objects.create(user=person, type="totp", data={})
    manager.post(f"/people/{person.pk}/second-steps/")
    told = said()
    assert len(told) == 5
    assert {text for text in told if words_outside(text) - {MARK}} == set()


def test_audit_of_the_sign_in_of_schools(manager: Client, school: School) -> None:
    admin = make_person(role=Role.ADMIN)
    schools_own.set_openid_connect(
        school=school,
        by=admin,
        issuer="https://one.example",
        client_id=MARK,
        secret=MARK,
        trusts_addresses=True,
    )
    schools_own.remove_provider(school=school, by=admin)
    told = said()
    assert len(told) == 2
    assert {text for text in told if words_outside(text) - {MARK}} == set()
