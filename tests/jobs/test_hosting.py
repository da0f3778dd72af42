"""How many worker processes of its lanes a host is to have."""

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from jobs import hosting, memory
from jobs.models import HandScale, KeptLane
from jobs.roster import UNHEARD

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HERE = socket.gethostname()
SPARE = 512


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """A host with eight processors and much memory; a process of a threads lane works on 10 parts at once."""
    monkeypatch.setattr(hosting, "PROCESSORS", 8)
    leave(monkeypatch, megabytes=10_000)
    put(settings, mail={"process_workers": 10}, packets={"process_workers": 10})


def put(settings: Settings, **changes: dict[str, Any]) -> None:
    """Change lanes."""
    lanes = settings.SWITCHYARD["lanes"]
    changed = {name: {**lanes[name], **values} for name, values in changes.items()}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, **changed}}


def leave(monkeypatch: pytest.MonkeyPatch, *, megabytes: int) -> None:
    """Let the host have so many left."""
    monkeypatch.setattr(memory, "available_bytes", lambda: megabytes << 20)


def want(workers: int, *, lane: str = "mail") -> None:
    HandScale.objects.create(lane=lane, workers=workers, why="Try", at=NOW, until=NOW + timedelta(hours=1))


def keep(host: str, *, ago: timedelta = timedelta()) -> None:
    """Let a supervisor of `host` keep mail at work."""
    KeptLane.objects.create(
        host=host, lane="mail", supervisor=1, seen_at=NOW - ago, kept_since=NOW - ago, is_adopted=False
    )


def here(**there: int) -> dict[str, int]:
    return hosting.processes_here(there or {"mail": 1}, now=NOW)


@pytest.mark.parametrize(("workers", "processes"), [(1, 1), (10, 1), (11, 2), (35, 4), (1000, 8)])
def test_threads_lane_has_another_process_for_what_one_cannot_do_well(workers: int, processes: int) -> None:
    want(workers)
    assert here() == {"mail": processes}


def test_children_have_a_processor_each_as_it_is(settings: Settings) -> None:
    want(100, lane="packets")
    assert here(packets=1) == {"packets": 1}


def test_lane_without_such_a_number_has_one_process(settings: Settings) -> None:
    put(settings, mail={"process_workers": None})
    want(100)
    assert here() == {"mail": 1}


def test_hosts_share_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    want(50)
    for host in ("host-a", "host-b", "host-c"):
        keep(host)
    keep("gone", ago=UNHEARD + timedelta(seconds=1))
    counts = []
    for host in ("host-a", "host-b", "host-c"):
        monkeypatch.setattr("jobs.hosting.socket.gethostname", lambda host=host: host)
        counts.append(here()["mail"])
    assert counts == [2, 2, 1]


def test_host_that_nobody_has_heard_of_yet_counts_itself() -> None:
    want(50)
    keep("another-host")
    assert here()["mail"] in {2, 3}


def test_host_has_no_more_processes_than_fit_beside_what_is_kept_free(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    want(50)
    put(settings, bulk={"process_workers": 10})
    want(50, lane="bulk")
    leave(monkeypatch, megabytes=SPARE + 350)
    assert here(mail=1, bulk=1) == {"mail": 4, "bulk": 1}
    leave(monkeypatch, megabytes=100)
    assert here(mail=3) == {"mail": 3}


def test_processes_go_when_fewer_are_wanted_however_much_memory_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave(monkeypatch, megabytes=100)
    want(12)
    assert here(mail=4) == {"mail": 2}
