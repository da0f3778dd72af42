"""The public page and what programs read of it, without sign-in and without the database."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from jobs import holds
from jobs.holds import Target
from jobs.models import HoldMode, HoldScope, Incident, IncidentStatus, IncidentUpdate, Role, StatusSnapshot
from jobs.status import current, keeping, snapshots
from jobs.status.current import Keeper
from jobs.testing import make_person, make_school
from tests.jobs.status.conftest import NOON, TEN, See

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keeper", "_ask_in_the_request")]
LATE = {"is_late": True, "wait_seconds": 42.0}
API, BELOW_THE_PAGE = "/api/v2/", "/status/api/v2/"


@pytest.fixture
def _ask_in_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the database with the test's own connection: a thread would not see its rows."""
    monkeypatch.setattr(Keeper, "_ask_if_due", Keeper._fetch)


def text_of(client: Client, path: str = "/status/", *, at: Any = None) -> str:
    """Return the page as somebody without sign-in reads it at a moment."""
    with time_machine.travel(at or NOON, tick=False):
        return " ".join(client.get(path).content.decode().split())


def read(client: Client, name: str, *, at: Any = None) -> Any:
    """Return what a program reads."""
    with time_machine.travel(at or NOON, tick=False):
        answer = client.get(f"{API}{name}.json")
        below = client.get(f"{BELOW_THE_PAGE}{name}.json")
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert below.content == answer.content
    return answer.json()


def test_page_tells_anybody_that_everything_works_and_how_long_waits_are(client: Client, see: See) -> None:
    now = see(1, codes={"wait_seconds": 3.2})
    page = text_of(client, at=now)
    assert "<h1>Everything works as promised</h1>" in page
    assert "Sign-in codes" in page
    assert 'data-label="Longest wait now">3 s</td>' in page
    assert 'data-label="Promised at most">5 s</td>' in page
    assert "No incident in the last two weeks." in page
    assert 'role="status">Nobody' not in page


def test_page_shows_an_open_incident_and_later_that_it_is_resolved(client: Client, see: See) -> None:
    now = see(2, packets=LATE)
    page = text_of(client, at=now)
    assert "<h1>Some of the platform is out of order</h1>" in page
    assert "Longer waits than promised: Document packets" in page
    assert "Partly out of order" in page
    now = see(2)
    page = text_of(client, at=now)
    assert "<h1>Everything works as promised</h1>" in page
    assert "Being watched" in page
    page = text_of(client, at=see(30))
    assert '<span class="badge done">Resolved</span>' in page
    code = Incident.objects.get().code
    assert "Nothing that was asked for was lost." in text_of(client, f"/status/incidents/{code}/", at=now)
    assert "Longer waits than promised: Document packets" in text_of(client, "/status/history/", at=now)


@pytest.mark.parametrize("is_over", [False, True])
def test_headings_go_down_one_level_at_a_time(client: Client, see: See, *, is_over: bool) -> None:
    tomorrow = NOON + timedelta(days=1)
    Incident.objects.create(
        title="New database",
        status=IncidentStatus.SCHEDULED,
        impact="maintenance",
        started_at=tomorrow,
        until=tomorrow + timedelta(hours=1),
        opened_at=NOON,
        updated_at=NOON,
    )
    now = see(2, packets=LATE)
    now = see(31) if is_over else now
    incident = Incident.objects.exclude(cause="").get()
    for path in ("/status/", "/status/now/", "/status/history/", f"/status/incidents/{incident.code}/"):
        levels = [int(level) for level in re.findall(r"<h([1-6])", text_of(client, path, at=now))]
        assert levels[0] == 1
        assert all(below <= above + 1 for above, below in pairwise(levels)), (path, levels)


def test_paused_lane_is_shown_as_paused(client: Client, see: See) -> None:
    now = see(1, uploads={"is_held": True, "slots": 0})
    page = text_of(client, at=now)
    assert "<h1>Some of the platform is paused for maintenance</h1>" in page
    assert read(client, "status", at=now)["status"]["description"] == "Service Under Maintenance"


def test_incident_that_nobody_knows_is_answered_404_without_the_database(client: Client, see: See) -> None:
    now = see()
    with time_machine.travel(now, tick=False):
        answer = client.get("/status/incidents/nothing/")
    assert answer.status_code == 404
    assert "There is no such incident" in answer.content.decode()


def test_programs_read_the_summary_in_the_shape_of_statuspage(client: Client, see: See) -> None:
    opened_at = see(2, codes=LATE)
    summary = read(client, "summary", at=opened_at)
    assert sorted(summary) == ["components", "incidents", "page", "scheduled_maintenances", "status"]
    assert sorted(summary["page"]) == ["id", "name", "time_zone", "updated_at", "url"]
    assert summary["page"]["url"] == "http://testserver/status/"
    assert summary["status"] == {"indicator": "critical", "description": "Major Service Outage"}
    by_id = {component["id"]: component for component in summary["components"]}
    assert by_id["codes"]["status"] == "major_outage"
    assert by_id["uploads"]["status"] == "operational"
    [incident] = summary["incidents"]
    assert (incident["impact"], incident["status"]) == ("critical", "investigating")
    assert incident["shortlink"] == f"http://testserver/status/incidents/{incident['id']}/"
    assert incident["created_at"] == "2026-05-04T12:00:10.000Z"
    assert incident["resolved_at"] is None
    [update] = incident["incident_updates"]
    assert update["incident_id"] == incident["id"]
    assert update["body"].startswith("Since 11:59 UTC")
    assert [component["id"] for component in incident["components"]] == ["codes"]


def test_programs_read_what_each_update_changed_for_components(client: Client, see: See) -> None:
    see(2, packets=LATE)
    now = see(31)
    [incident] = read(client, "incidents", at=now)["incidents"]
    changes = [
        (each["code"], each["name"], each["old_status"], each["new_status"])
        for update in reversed(incident["incident_updates"])
        for each in update["affected_components"]
    ]
    assert changes == [
        ("packets", "Document packets", "operational", "partial_outage"),
        ("packets", "Document packets", "partial_outage", "operational"),
        ("packets", "Document packets", "operational", "operational"),
    ]


def test_programs_read_each_part_at_its_own_path(client: Client, see: See) -> None:
    see(2, codes=LATE)
    now = see(31)
    assert [each["status"] for each in read(client, "incidents", at=now)["incidents"]] == ["resolved"]
    assert read(client, "incidents/unresolved", at=now)["incidents"] == []
    assert read(client, "status", at=now)["status"]["indicator"] == "none"
    assert [each["name"] for each in read(client, "components", at=now)["components"]] == [
        "Web pages",
        "Sign-in codes",
        "Document packets",
        "Data uploads",
        "Mailings",
        "Webhooks",
    ]
    for name in ("", "/upcoming", "/active"):
        assert read(client, f"scheduled-maintenances{name}", at=now)["scheduled_maintenances"] == []


def test_maintenance_begins_and_ends_by_itself(client: Client, see: See) -> None:
    Incident.objects.create(
        title="New database",
        status=IncidentStatus.SCHEDULED,
        impact="maintenance",
        components=["uploads"],
        started_at=NOON + 3 * TEN,
        until=NOON + 6 * TEN,
        opened_at=NOON,
        updated_at=NOON,
    )
    now = see()
    [planned] = read(client, "scheduled-maintenances/upcoming", at=now)["scheduled_maintenances"]
    assert planned["scheduled_for"] == "2026-05-04T12:00:30.000Z"
    assert planned["scheduled_until"] == "2026-05-04T12:01:00.000Z"
    now = see(3)
    assert len(read(client, "scheduled-maintenances/active", at=now)["scheduled_maintenances"]) == 1
    by_id = {each["id"]: each["status"] for each in read(client, "components", at=now)["components"]}
    assert by_id["uploads"] == "under_maintenance"
    assert "Under way" in text_of(client, at=now)
    now = see(3)
    assert read(client, "summary", at=now)["scheduled_maintenances"] == []
    assert list(IncidentUpdate.objects.order_by("at").values_list("body", flat=True)) == [
        "The planned maintenance begins now.",
        "The planned maintenance is over.",
    ]


def test_unchanged_answers_are_304_and_changes_are_told_when_they_came(client: Client, see: See) -> None:
    first = see()
    with time_machine.travel(first, tick=False):
        answer = client.get(f"{API}summary.json")
    changed_at = answer.json()["page"]["updated_at"]
    now = see(5, codes={"wait_seconds": 1.5})
    with time_machine.travel(now, tick=False):
        again = client.get(f"{API}summary.json", headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        page = client.get("/status/")
        assert client.get("/status/", headers={"if-none-match": page["ETag"]}).status_code == 304
    now = see(2, codes=LATE)
    assert read(client, "summary", at=now)["page"]["updated_at"] > changed_at


def test_reading_costs_one_query_whoever_reads(
    client: Client, see: See, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_person(role=Role.OPS))
    see(2, codes=LATE)
    for path in ("/status/", "/status/history/", f"{API}summary.json"):
        with django_assert_num_queries(1):
            assert client.get(path).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_row_is_fetched_by_a_thread_of_its_own(
    client: Client,
    see: See,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.undo()
    fresh = Keeper()
    monkeypatch.setattr(current, "keeper", fresh)
    monkeypatch.setattr(current, "PATIENCE_SECONDS", 30)
    see(2, codes=LATE)
    with django_assert_num_queries(0):
        assert "Longer waits than promised: Sign-in codes" in client.get("/status/").content.decode()
    fresh.wait(seconds=30)


def test_process_that_was_just_started_reads_the_file(
    client: Client, see: See, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        now = see(2, codes=LATE)
    StatusSnapshot.objects.all().delete()
    assert "Longer waits than promised: Sign-in codes" in text_of(client, at=now)


def test_web_process_on_another_host_keeps_what_it_fetched(
    client: Client, see: See, status_folder: Path, keeper: Keeper
) -> None:
    now = see(2, codes=LATE)
    text_of(client, at=now)
    kept = keeping.read(folder=status_folder)
    assert kept is not None
    assert kept.at == now


def test_folder_that_cannot_be_written_keeps_nobody_from_reading(
    client: Client, see: See, status_folder: Path, settings: Settings
) -> None:
    status_folder.parent.joinpath("file").write_text("")
    settings.STATUS_FOLDER = status_folder.parent / "file"
    now = see(2, codes=LATE)
    assert "Longer waits than promised: Sign-in codes" in text_of(client, at=now)


def test_no_school_and_no_person_is_named(client: Client, see: See) -> None:
    school = make_school(name="Northfield University")
    admin = make_person(role=Role.ADMIN)
    holds.put(
        Target(scope=HoldScope.SCHOOL, name=school.slug),
        mode=HoldMode.PAUSE,
        by=admin,
        why="W",
    )
    now = see(2, codes=LATE, bulk={**LATE, "service": "the mail relay"})
    told = text_of(client, at=now) + json.dumps(read(client, "summary", at=now))
    for secret in ("Northfield", school.slug, admin.name, admin.email):
        assert secret not in told


def test_change_by_a_person_is_shown_though_nobody_looks(client: Client, see: See) -> None:
    now = see()
    text_of(client, at=now)
    Incident.objects.create(
        title="Power cut",
        status="investigating",
        impact="major",
        started_at=now,
        opened_at=now,
        updated_at=now,
    )
    snapshots.rewrite(now=now + timedelta(seconds=4))
    assert "Power cut" in text_of(client, at=now)
