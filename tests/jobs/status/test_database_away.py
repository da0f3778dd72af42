"""The page and its programs' answers go on while PostgreSQL is killed, and say so."""

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import dj_database_url
import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from switchyard.database import ENGINE
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import wait_until_ready

from jobs.models import StatusSnapshot
from jobs.status.current import Keeper

BODY = {
    "components": [
        {"id": "codes", "name": "Sign-in codes", "description": None, "status": "operational", "position": 1}
    ],
    "incidents": [],
    "maintenances": [],
    "figures": {"codes": {"wait_seconds": 0.2, "promise_seconds": 5}},
    "changed_at": "2026-05-04T11:00:00.000Z",
}


def in_a_thread(act: Callable[[], None]) -> None:
    """Act with a connection of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def database(
    servers: Group, monkeypatch: pytest.MonkeyPatch, django_db_blocker: pytest.FixtureRequest
) -> Iterator[subprocess.Popen[bytes]]:
    """A PostgreSQL of this test's own, with a snapshot in it; the process that may be killed."""
    with tempfile.TemporaryDirectory(prefix="switchyard-postgres-") as folder:
        server = Postgres(home=Path(folder), port=free_ports(1)[0], durable=False)
        server.prepare()
        child = servers.start(server.program())
        wait_until_ready([child], seconds=60)
        for name, value in dj_database_url.parse(server.url, engine=ENGINE).items():
            monkeypatch.setitem(connections.settings["default"], name, value)
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            in_a_thread(fill)
            yield child.process
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGQUIT)
        child.process.wait()


def fill() -> None:
    """Make the table of the snapshot, and write one of now."""
    with connection.schema_editor() as editor:
        editor.create_model(StatusSnapshot)
    StatusSnapshot.objects.create(at=timezone.now(), body=BODY)


def test_page_and_json_answer_while_postgresql_is_killed(
    client: Client, keeper: Keeper, database: "subprocess.Popen[bytes]"
) -> None:
    client.cookies["sessionid"] = "of-somebody-signed-in"
    page = client.get("/status/").content.decode()
    assert "Everything works as promised" in page
    os.kill(database.pid, signal.SIGQUIT)
    database.wait()
    client.get("/status/")
    with time_machine.travel(timezone.now() + timedelta(seconds=20), tick=False):
        page = client.get("/status/")
        assert page.status_code == 200
        text = " ".join(page.content.decode().split())
        assert "<h1>The platform has serious trouble</h1>" in text
        assert "The platform&#x27;s database cannot be reached now" in text
        assert "seconds old." in text
        summary = client.get("/status/api/v2/summary.json").json()
    assert summary["status"]["indicator"] == "critical"
    assert summary["incidents"][0]["name"] == "The platform cannot be reached"
    [update] = summary["incidents"][0]["incident_updates"]
    assert update["affected_components"] == [
        {
            "code": "codes",
            "name": "Sign-in codes",
            "old_status": "operational",
            "new_status": "major_outage",
        }
    ]


def test_part_that_worked_is_not_said_to_work_once_nobody_looks(
    client: Client, keeper: Keeper, database: "subprocess.Popen[bytes]"
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        page = client.get("/status/").content.decode()
    assert "How the platform does is not known now" in page
    assert ">Not known now</span>" in page
    assert ">Works</span>" not in page
    assert "under 1 s" not in page


def test_failure_of_long_ago_says_nothing_of_now(
    client: Client, keeper: Keeper, database: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/status/")
    with monkeypatch.context() as away:
        away.setitem(connections.settings["default"], "PORT", free_ports(1)[0])
        assert "database cannot be reached now" in client.get("/status/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=30), tick=False):
        assert "Everything works as promised" in client.get("/status/").content.decode()


def test_failure_of_long_ago_is_not_of_the_outage_of_now(
    client: Client, keeper: Keeper, database: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/status/")
    monkeypatch.setitem(connections.settings["default"], "PORT", free_ports(1)[0])
    client.get("/status/")
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        summary = client.get("/status/api/v2/summary.json").json()
    assert summary["incidents"] == []


def test_process_started_while_postgresql_is_away_shows_what_its_host_kept(
    client: Client, keeper: Keeper, database: "subprocess.Popen[bytes]"
) -> None:
    client.get("/status/")
    os.kill(database.pid, signal.SIGQUIT)
    database.wait()
    keeper.__init__()  # type: ignore[misc]
    text = client.get("/status/").content.decode()
    assert "Sign-in codes" in text
    assert "database cannot be reached now" in text


def test_page_does_not_wait_for_a_postgresql_that_stands_still(
    client: Client,
    keeper: Keeper,
    database: "subprocess.Popen[bytes]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.get("/status/")
    monkeypatch.setattr("jobs.status.current.PATIENCE_SECONDS", 0.05)
    os.kill(database.pid, signal.SIGSTOP)
    try:
        client.get("/status/")
        with time_machine.travel(timezone.now() + timedelta(seconds=20), tick=False):
            text = client.get("/status/").content.decode()
        assert "database cannot be reached now" in text
    finally:
        os.kill(database.pid, signal.SIGCONT)
        keeper.wait(seconds=30)


def test_question_without_an_answer_yet_does_not_end_an_outage(
    client: Client,
    keeper: Keeper,
    database: "subprocess.Popen[bytes]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.get("/status/")
    with monkeypatch.context() as away:
        away.setitem(connections.settings["default"], "PORT", free_ports(1)[0])
        client.get("/status/")
    monkeypatch.setattr("jobs.status.current.PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("jobs.status.current.ASK_SECONDS", 0)
    os.kill(database.pid, signal.SIGSTOP)
    try:
        with time_machine.travel(timezone.now() + timedelta(seconds=15), tick=False):
            text = client.get("/status/").content.decode()
        assert "database cannot be reached now" in text
        assert "Out of order" in text
    finally:
        os.kill(database.pid, signal.SIGCONT)
        keeper.wait(seconds=30)
