"""An outage of the database stands in the history once it is over."""

import threading
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.db import OperationalError

from jobs import observing
from jobs.models import Incident, Postmortem, StatusSample
from jobs.status import outages, postmortems
from jobs.status.outages import Watch, record

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_outage_is_an_incident_of_all_that_is_over() -> None:
    record(since=NOON, until=NOON + 4 * MINUTE)
    incident = Incident.objects.get()
    assert (incident.title, incident.impact, incident.status) == (
        "The platform could not be reached",
        "critical",
        "resolved",
    )
    assert incident.components == ["pages", "codes", "packets", "uploads", "mailings", "webhooks"]
    assert incident.updates.get().body.startswith(
        "From 12:00 UTC to 12:04 UTC, for 4 minutes, the platform's "
    )
    postmortems.draft_missing(now=NOON + 5 * MINUTE)
    assert "Look whether it needs a standby" in Postmortem.objects.get().next_steps


def test_restart_is_no_outage_and_one_outage_is_written_down_once() -> None:
    assert record(since=NOON, until=NOON + timedelta(seconds=3)) is None
    assert record(since=NOON, until=NOON + MINUTE) is not None
    assert record(since=NOON + timedelta(seconds=5), until=NOON + MINUTE) is None
    assert record(since=NOON + 5 * MINUTE, until=NOON + 6 * MINUTE) is not None
    assert Incident.objects.count() == 2


def test_database_that_others_reached_meanwhile_was_not_away() -> None:
    StatusSample.objects.create(at=NOON + MINUTE, body={})
    assert record(since=NOON, until=NOON + 4 * MINUTE) is None
    assert record(since=NOON + MINUTE, until=NOON + 4 * MINUTE) is not None


def test_outage_lasts_from_when_it_was_noticed_to_the_first_answer() -> None:
    watch = Watch()
    watch.reach(at=NOON)
    watch.write_down()
    watch.lose(at=NOON + MINUTE)
    watch.lose(at=NOON + 2 * MINUTE)
    watch.write_down()
    assert not Incident.objects.exists()
    watch.reach(at=NOON + 3 * MINUTE)
    watch.reach(at=NOON + 9 * MINUTE)
    watch.write_down()
    watch.write_down()
    incident = Incident.objects.get()
    assert (incident.started_at, incident.ended_at) == (NOON + MINUTE, NOON + 3 * MINUTE)


def test_supervisor_notices_that_the_database_is_away_and_writes_it_down_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = iter([OperationalError("gone"), ValueError("ours"), OperationalError("gone"), None])
    moments = iter([NOON, NOON + MINUTE, NOON + 4 * MINUTE])
    stopping = mock.Mock(spec=threading.Event)
    stopping.wait.side_effect = [False, False, False, False, True]
    observer = observing.Observer()

    def take_turn(_observer: object) -> None:
        error = next(turns)
        if error is not None:
            raise error
        observer.outages.reach(at=observing.timezone.now())
        observer.outages.write_down()

    monkeypatch.setattr(observing, "Observer", lambda: observer)
    monkeypatch.setattr(observing, "_take_turn", take_turn)
    monkeypatch.setattr(observing.connection, "close", lambda: None)
    with mock.patch.object(observing.timezone, "now", side_effect=lambda: next(moments)):
        observing.keep_observing(stopping)
    incident = Incident.objects.get()
    assert (incident.started_at, incident.ended_at) == (NOON, NOON + 4 * MINUTE)
    assert incident.cause == outages.DATABASE
