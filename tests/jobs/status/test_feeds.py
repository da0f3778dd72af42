"""Incidents as Atom and RSS."""

from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client

from jobs.models import Incident, IncidentUpdate
from jobs.status import snapshots
from jobs.status.current import Keeper
from tests.jobs.status.conftest import See

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keeper")]
LATE = {"is_late": True, "wait_seconds": 42.0}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _ask_in_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "_ask_if_due", Keeper._fetch)


def test_atom_has_each_incident_with_all_that_was_told_newest_first(client: Client, see: See) -> None:
    see(2, codes=LATE)
    with time_machine.travel(see(2), tick=False):
        answer = client.get("/status/history.atom")
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own
    assert feed.findtext(f"{ATOM}updated") == "2026-05-04T12:00:30+00:00"
    [entry] = feed.findall(f"{ATOM}entry")
    code = Incident.objects.get().code
    assert entry.findtext(f"{ATOM}title") == "Longer waits than promised: Sign-in codes"
    assert entry.find(f"{ATOM}link").get("href") == f"http://testserver/status/incidents/{code}/"  # type: ignore[union-attr]
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Switchyard"
    assert entry.findtext(f"{ATOM}id") == f"tag:testserver,2026-05-04:/status/incidents/{code}"
    told = entry.findtext(f"{ATOM}summary") or ""
    assert told.index("All promises hold again") < told.index("Since 11:59 UTC waits are longer")


def test_rss_has_the_same_and_is_answered_304_while_nothing_changed(client: Client, see: See) -> None:
    with time_machine.travel(see(2, codes=LATE), tick=False):
        answer = client.get("/status/history.rss")
        assert answer["Content-Type"].startswith("application/rss+xml")
        [item] = ET.fromstring(answer.content).iter("item")  # noqa: S314 - our own
        assert item.findtext("title") == "Longer waits than promised: Sign-in codes"
        again = client.get("/status/history.rss", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("sort", ["atom", "rss"])
def test_feed_without_incidents_stays_the_same(client: Client, see: See, sort: str) -> None:
    with time_machine.travel(see(), tick=False):
        answer = client.get(f"/status/history.{sort}")
    with time_machine.travel(see(3), tick=False):
        again = client.get(f"/status/history.{sort}", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("sort", ["atom", "rss"])
def test_feed_goes_on_whatever_a_text_holds(client: Client, see: See, sort: str) -> None:
    now = see(2, codes=LATE)
    Incident.objects.update(title="Logins\x07 fail")
    IncidentUpdate.objects.update(body="since\x0b nine")
    snapshots.rewrite(now=now)
    with time_machine.travel(now, tick=False):
        answer = client.get(f"/status/history.{sort}")
    text = " ".join(ET.fromstring(answer.content).itertext())  # noqa: S314 - our own
    assert "Logins fail" in text
    assert "since nine" in text
