"""Looks at lanes that the tests say what they see of."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from jobs.models import Role, StatusSample, StatusSnapshot
from jobs.settings import switchyard
from jobs.status import current, incidents
from jobs.status.current import Keeper
from jobs.status.samples import LaneSample, Sample
from jobs.testing import make_person

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEN = timedelta(seconds=10)
See = Callable[..., datetime]
OPENED = {
    "title": "Logins fail",
    "components": ["pages"],
    "impact": "major",
    "body": "Nobody can sign in since 9.",
}


@pytest.fixture(autouse=True)
def status_folder(tmp_path: Path, settings: Settings) -> Path:
    """The folder of the status page's file, of this test alone."""
    settings.STATUS_FOLDER = tmp_path / "status"
    return tmp_path / "status"


@pytest.fixture
def see(db: None) -> See:
    """Let the platform look `times` at lanes as given, ten seconds apart; return when the last look was."""
    at = NOON - TEN

    def look(times: int = 1, *, has_broker: bool = True, **lanes: Mapping[str, Any]) -> datetime:
        nonlocal at
        for _ in range(times):
            at += TEN
            seen = {name: LaneSample(**lanes.get(name, {})) for name in switchyard().lanes}
            sample = Sample(at=at, lanes=seen, has_broker=has_broker)
            StatusSample.objects.create(at=at, body=sample.as_json())
            incidents.judge(now=at)
        return at

    return look


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """What a web process knows that was just started, and that asks the database at each request."""
    fresh = Keeper()
    monkeypatch.setattr(current, "keeper", fresh)
    monkeypatch.setattr(current, "ASK_SECONDS", 0)
    monkeypatch.setattr(current, "PATIENCE_SECONDS", 30)
    yield fresh
    fresh.wait(seconds=30)


@pytest.fixture
def ops(db: None, client: Client) -> Client:
    """A browser in which somebody of operations is signed in."""
    client.force_login(make_person(role=Role.OPS))
    return client


def shown() -> dict[str, Any]:
    """Return what the public page would show."""
    return StatusSnapshot.objects.get().body
