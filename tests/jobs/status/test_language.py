"""Incidents are told in the language of the platform: on their pages, to operations, and in the feeds."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client

from jobs.models import Incident, Postmortem, Role
from jobs.status import postmortems, snapshots
from jobs.status.current import Keeper
from jobs.testing import make_person
from tests.jobs.status.conftest import See
from tests.switchyard.pseudo import speak
from tests.switchyard.test_language import MARK, NAMES, untranslated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keeper")]

LATE = {"is_late": True, "wait_seconds": 90.0}
TIME = re.compile(r"\d\d:\d\d UTC")


@pytest.fixture(autouse=True)
def _speaking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "_ask_if_due", Keeper._fetch)
    speak(monkeypatch)


@pytest.fixture
def ops(client: Client) -> Client:
    """A browser in which somebody of operations, called by the mark, is signed in."""
    person = make_person(role=Role.OPS, email=f"{MARK}@ops.example")
    type(person).objects.filter(pk=person.pk).update(name=MARK)
    client.force_login(person)
    return client


def late(see: See) -> Any:
    """Let waits be too long, here and there, then longer, for long, and again after they were not."""
    see(6, codes=LATE)
    see(6, codes=LATE, mail=LATE)
    see(200, codes=LATE, mail=LATE)
    see(4)
    return see(4, codes=LATE, packets=LATE)


TROUBLES: dict[str, Callable[[See], Any]] = {
    "late": late,
    "broker": lambda see: see(7, has_broker=False, mail=LATE),
    "workers": lambda see: see(7, mail={"slots": 0}, bulk={"slots": 0}),
    "service": lambda see: see(6, mail=LATE | {"service": MARK}, codes={"service": MARK}),
}


def past(page: str) -> set[str]:
    """Return the texts of `page` that were not translated, but for times, and names that stand in a list."""
    texts = {each for text in untranslated(page) for each in TIME.sub("", text).removesuffix(".").split(", ")}
    return {text for text in texts if text and text not in NAMES}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_incident_is_told_in_the_language_of_the_platform(ops: Client, see: See, trouble: str) -> None:
    see()
    for now in (TROUBLES[trouble](see), see(60)):
        for incident in Incident.objects.filter(ended_at__isnull=False):
            postmortems.draft(incident, now=now)
        Postmortem.objects.update(published_at=now)
        snapshots.rewrite(now=now)
        codes = Incident.objects.values_list("code", flat=True)
        own = [f"{page}/{code}/" for page in ("status/incidents", "ops/incidents") for code in codes]
        pages = ["status/", "status/history/", "ops/incidents/", *own]
        with time_machine.travel(now, tick=False):
            said = {page: past(ops.get(f"/{page}").content.decode()) for page in pages}
            feed = ET.fromstring(ops.get("/status/history.atom").content)  # noqa: S314 - our own
        assert codes
        assert {page: texts for page, texts in said.items() if texts} == {}
        told = [each.text or "" for each in feed.iter() if each.tag.endswith(("}title", "}summary"))]
        assert {text for text in told if past(text)} == set()
    assert Postmortem.objects.exists()
