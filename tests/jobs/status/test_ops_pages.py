"""Ops open incidents, tell more, plan maintenances and publish postmortems."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Incident, IncidentUpdate, Postmortem, Role
from jobs.status import postmortems
from jobs.testing import make_person, make_school
from tests.jobs.status.conftest import OPENED, See, shown

LATE = {"is_late": True, "wait_seconds": 90.0}
PAGES = ("", "open/", "plan/")


def stand() -> str:
    """Return what the form of the only postmortem says that its writer saw."""
    return Postmortem.objects.get().stand


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_operations_alone(client: Client, db: None, path: str) -> None:
    assert client.get(f"/ops/incidents/{path}").status_code == 302
    client.force_login(make_person(role=Role.STAFF))
    assert client.get(f"/ops/incidents/{path}").status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_empty_pages_are_shown(ops: Client, path: str) -> None:
    assert ops.get(f"/ops/incidents/{path}").status_code == 200


def test_incident_opened_by_hand_is_shown_at_once_and_ended_by_hand(ops: Client, see: See) -> None:
    see()
    answer = ops.post("/ops/incidents/open/", OPENED)
    incident = Incident.objects.get()
    assert answer["Location"] == f"/ops/incidents/{incident.code}/"
    [told] = shown()["incidents"]
    assert (told["name"], told["impact"], told["status"]) == ("Logins fail", "major", "investigating")
    assert {each["id"]: each["status"] for each in shown()["components"]}["pages"] == "partial_outage"
    ops.post(f"/ops/incidents/{incident.code}/", {"body": "It is mended.", "status": "resolved"})
    incident.refresh_from_db()
    assert incident.ended_at is not None
    assert shown()["incidents"][0]["resolved_at"] is not None
    assert {each["id"]: each["status"] for each in shown()["components"]}["pages"] == "operational"
    see()
    page = ops.get("/ops/incidents/").content.decode()
    assert "Logins fail" in page


def test_signs_that_nobody_sees_are_left_out_of_what_is_told(ops: Client) -> None:
    ops.post("/ops/incidents/open/", OPENED | {"title": "Logins\x07 fail", "body": "Since 9.\x0b\nSorry."})
    incident = Incident.objects.get()
    assert (incident.title, incident.updates.get().body) == ("Logins fail", "Since 9.\nSorry.")


def test_incident_that_begins_again_by_hand_is_watched_anew(ops: Client, see: See) -> None:
    see()
    ops.post("/ops/incidents/open/", OPENED)
    incident = Incident.objects.get()
    for status, is_calm in (("monitoring", True), ("identified", False), ("resolved", True)):
        ops.post(f"/ops/incidents/{incident.code}/", {"body": "So it is.", "status": status})
        incident.refresh_from_db()
        assert (incident.status, incident.monitoring_at is not None) == (status, is_calm)


def test_incident_that_names_somebody_is_refused_and_the_text_stays(ops: Client) -> None:
    make_school(name="Northfield University")
    answer = ops.post("/ops/incidents/open/", {**OPENED, "body": "Northfield University fails."})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "It names “Northfield University”" in page
    assert "Northfield University fails." in page
    assert not Incident.objects.exists()


def test_family_name_that_is_a_word_is_published_on_a_second_click(ops: Client, see: See) -> None:
    see()
    make_person(name="Jo Carpenter")
    asked = {**OPENED, "body": "A carpenter cut the cable."}
    answer = ops.post("/ops/incidents/open/", asked)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "It has “Carpenter”, as somebody here is called" in page
    assert 'name="insist" value="Carpenter"' in page
    assert ops.post("/ops/incidents/open/", {**asked, "insist": "Carpenter"}).status_code == 302
    incident = Incident.objects.get()
    update = {"body": "The carpenter is back.", "status": "resolved"}
    assert ops.post(f"/ops/incidents/{incident.code}/", update).status_code == 422
    assert ops.post(f"/ops/incidents/{incident.code}/", {**update, "insist": "Carpenter"}).status_code == 302
    path = f"/ops/incidents/{incident.code}/postmortem/"
    texts = {"summary": "The carpenter left.", "insist": "Carpenter"}
    assert ops.post(path, {"summary": "The carpenter left.", "publish": "yes"}).status_code == 422
    assert ops.post(path, texts).status_code == 302
    assert Postmortem.objects.get().published_at is not None


def test_person_tells_more_of_an_incident_that_the_platform_ends(ops: Client, see: See) -> None:
    see(2, packets=LATE)
    incident = Incident.objects.get()
    page = ops.get(f"/ops/incidents/{incident.code}/").content.decode()
    assert "By itself, once all promises have held for long enough" in page
    answer = ops.post(f"/ops/incidents/{incident.code}/", {"body": "A disk is full.", "status": "resolved"})
    assert answer.status_code == 422
    ops.post(f"/ops/incidents/{incident.code}/", {"body": "A disk is full.", "status": "investigating"})
    assert shown()["incidents"][0]["incident_updates"][0]["body"] == "A disk is full."
    assert Incident.objects.get().ended_at is None


def test_maintenance_is_planned_and_called_off(ops: Client, see: See) -> None:
    see()
    begins = timezone.localtime(timezone.now() + timedelta(days=1))
    values = {
        "title": "New disks",
        "components": ["uploads", "packets"],
        "body": "Uploads and packets wait.",
        "starts_at": f"{begins:%Y-%m-%dT%H:%M}",
        "ends_at": f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    }
    late = {**values, "starts_at": "2020-01-01T10:00"}
    assert "This moment has passed" in ops.post("/ops/incidents/plan/", late).content.decode()
    turned = {**values, "ends_at": values["starts_at"]}
    assert "It must end after it begins." in ops.post("/ops/incidents/plan/", turned).content.decode()
    assert ops.post("/ops/incidents/plan/", values).status_code == 302
    [planned] = shown()["maintenances"]
    assert (planned["status"], planned["impact"]) == ("scheduled", "maintenance")
    code = planned["id"]
    assert "<dt>Begins</dt>" in ops.get(f"/ops/incidents/{code}/").content.decode()
    ops.post(f"/ops/incidents/{code}/", {"body": "Called off.", "status": "completed"})
    assert shown()["maintenances"][0]["status"] == "completed"
    assert ops.post(f"/ops/incidents/{code}/", {"body": "More.", "status": "completed"}).status_code == 200
    assert IncidentUpdate.objects.count() == 2


def test_postmortem_is_published_and_taken_back(ops: Client, client: Client, see: See) -> None:
    see(2, packets=LATE)
    now = see(31)
    incident = Incident.objects.get()
    postmortems.draft_missing(now=now)
    assert "Drafts that wait for somebody" in ops.get("/ops/incidents/").content.decode()
    path = f"/ops/incidents/{incident.code}/postmortem/"
    page = ops.get(path).content.decode()
    assert "Longer waits than promised: Document packets" in page
    texts = {"summary": "A fuse blew.", "next_steps": "A second fuse."}
    ops.post(path, {**texts, "seen": stand()})
    assert "postmortem" not in shown()["incidents"][0]
    ops.post(path, {**texts, "seen": stand(), "publish": "yes"})
    told = shown()["incidents"][0]["postmortem"]
    assert told["sections"] == [["What happened", "A fuse blew."], ["What follows", "A second fuse."]]
    ops.post(path, {**texts, "seen": stand()})
    assert "postmortem" not in shown()["incidents"][0]
    assert Postmortem.objects.get().edited_by is not None


def test_postmortem_that_names_somebody_is_not_published(ops: Client, see: See) -> None:
    see(2, packets=LATE)
    see(31)
    person = make_person()
    path = f"/ops/incidents/{Incident.objects.get().code}/postmortem/"
    answer = ops.post(path, {"summary": f"{person.email} did it.", "publish": "yes"})
    assert answer.status_code == 422
    assert "Leave the name out" in answer.content.decode()
    assert not Postmortem.objects.filter(published_at__isnull=False).exists()


def test_postmortem_that_another_tab_published_is_not_overwritten(ops: Client, see: See) -> None:
    see(2, packets=LATE)
    postmortems.draft_missing(now=see(31))
    path = f"/ops/incidents/{Incident.objects.get().code}/postmortem/"
    opened = ops.get(path).context["form"].initial["seen"]
    first = {"summary": "A fuse blew.", "next_steps": "A second fuse.", "publish": "yes", "seen": opened}
    second = {**first, "summary": "A disk was full."}
    assert ops.post(path, first).status_code == 302
    refused = ops.post(path, second)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "saved other texts since you opened this page" in page
    assert ("A disk was full.</textarea>" in page, "Kept now: A fuse blew." in page) == (True, True)
    assert "Kept now: A second fuse." not in page
    assert Postmortem.objects.get().summary == "A fuse blew."
    assert ops.post(path, {**second, "seen": refused.context["form"].data["seen"]}).status_code == 302
    assert Postmortem.objects.get().summary == "A disk was full."


def test_postmortem_begun_by_hand_is_not_overwritten_by_one_who_saw_none(ops: Client, see: See) -> None:
    see(2, packets=LATE)
    see(31)
    path = f"/ops/incidents/{Incident.objects.get().code}/postmortem/"
    assert ops.post(path, {"summary": "A fuse blew.", "seen": ""}).status_code == 302
    assert ops.post(path, {"summary": "A disk was full.", "seen": ""}).status_code == 422
    assert Postmortem.objects.get().summary == "A fuse blew."


def test_postmortem_is_not_published_while_it_asks_for_what_will_be_changed(ops: Client, see: See) -> None:
    see(2, packets=LATE)
    postmortems.draft_missing(now=see(31))
    drafted = Postmortem.objects.get()
    path = f"/ops/incidents/{drafted.incident.code}/postmortem/"
    texts = {"summary": "A fuse blew.", "next_steps": drafted.next_steps, "seen": drafted.stand}
    answer = ops.post(path, {**texts, "publish": "yes"})
    assert answer.status_code == 422
    assert "It still says “Write here what will be changed, by when.”" in answer.content.decode()
    assert not Postmortem.objects.filter(published_at__isnull=False).exists()
    assert ops.post(path, texts).status_code == 302


def test_list_costs_the_same_few_queries_however_many_there_are(
    ops: Client, see: See, django_assert_max_num_queries: Any
) -> None:
    now = see()
    for number in range(10):
        Incident.objects.create(
            title=f"No {number}",
            status="resolved",
            impact="minor",
            started_at=now,
            opened_at=now,
            updated_at=now,
            ended_at=now,
        )
    with django_assert_max_num_queries(4):
        ops.get("/ops/incidents/")


def test_incident_that_is_open_is_listed_however_many_newer_ones_are_over(
    ops: Client, see: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("status_pages.ops_views", "status.snapshots"):
        monkeypatch.setattr(f"jobs.{module}.SHOWN", 2)
    see()
    ops.post("/ops/incidents/open/", OPENED)
    for number in range(3):
        ops.post("/ops/incidents/open/", {**OPENED, "title": f"Mails are late {number}"})
        newest = Incident.objects.latest("pk")
        ops.post(f"/ops/incidents/{newest.code}/", {"body": "It is mended.", "status": "resolved"})
    page = ops.get("/ops/incidents/").content.decode()
    assert "Logins fail" in page
    assert ("Mails are late 0" in page, "Mails are late 2" in page) == (False, True)
    assert "Logins fail" in [each["name"] for each in shown()["incidents"]]
