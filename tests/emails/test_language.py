"""What is mailed to single people is said in the language of the platform."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from emails import codes, login_news, password_links
from jobs import people
from jobs.models import Incident, IncidentUpdate, Person, School, StatusSubscriber
from jobs.status import subscribing
from jobs.testing import make_person, run_parts
from tests.switchyard.pseudo import speak, words_outside

pytestmark = pytest.mark.django_db

MARK = "Zyxquill"
SITE = "https://careers.example"
GIVEN = {MARK, "Northfield", "University", "Switchyard", "UTC", "https", "careers", "example"}
"""What is the same in every language."""


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch, settings: Settings, school: School) -> Person:
    """Somebody whose platform speaks in brackets."""
    settings.SITE_URL = SITE
    speak(monkeypatch)
    person = make_person(school=school, email="zyxquill@careers.example")
    Person.objects.filter(pk=person.pk).update(name=MARK)
    person.refresh_from_db()
    return person


def said_past_translation(relay: Any, *, mails: int) -> dict[str, set[str]]:
    """Return by subject what of the caught mails is neither translated nor given; links aside."""
    assert len(relay.caught) == mails
    said = {mail["Subject"]: mail.get_content() for _, mail in relay.caught}
    texts = {subject: [subject, *text.split()] for subject, text in said.items()}
    return {
        subject: words - GIVEN
        for subject, parts in texts.items()
        if (words := words_outside(" ".join(part for part in parts if SITE not in part))) - GIVEN
    }


def test_codes_and_links_are_mailed_in_the_language_of_the_platform(person: Person, relay: Any) -> None:
    codes.request_code(person=person, now=timezone.now())
    password_links.invite(person=person, by=person, now=timezone.now())
    password_links.request_reset(email=person.email, now=timezone.now())
    login_news.tell(people.note(about=person, by=None, what=MARK, now=timezone.now()))
    run_parts(lane="codes")
    run_parts(lane="mail")
    assert said_past_translation(relay, mails=4) == {}


@pytest.mark.usefixtures("person")
def test_subscribers_are_mailed_in_the_language_of_the_platform(relay: Any) -> None:
    at = timezone.now()
    subscribing.ask(email="dean@school.example", site=SITE, now=at)
    StatusSubscriber.objects.update(confirmed_at=at)
    moments = {"started_at": at, "opened_at": at, "updated_at": at}
    incident = Incident.objects.create(title=MARK, status="investigating", impact="major", **moments)
    IncidentUpdate.objects.create(incident=incident, status="investigating", body=MARK, at=at)
    subscribing.spread(now=at)
    run_parts(lane="mail")
    assert said_past_translation(relay, mails=2) == {}
