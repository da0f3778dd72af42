"""An outage of the database stands in the history once it is over."""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from unittest import mock

import pytest
from django.db import OperationalError

from jobs.awake import AwakeClock
from jobs.models import Incident, Postmortem, StatusSample
from jobs.status import outages, postmortems
from jobs.status.outages import Asker, Watch, record

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
    asked, watch = Asked(monkeypatch, is_watched=True), Watch()
    stopping = mock.Mock(spec=threading.Event)
    stopping.wait.side_effect = [False, False, False, False, True]

    def answer() -> None:
        asked.answer_after(60)
        error = next(turns)
        if error is not None:
            raise error

    monkeypatch.setattr(outages, "Asker", partial(Asker, ask=answer))
    monkeypatch.setattr(outages.connection, "close", lambda: None)
    outages.keep_asking(watch, clock=asked.clock, stopping=stopping)
    watch.write_down()
    incident = Incident.objects.get()
    assert (incident.started_at, incident.ended_at) == (NOON, NOON + 4 * MINUTE)
    assert incident.cause == outages.DATABASE


class Asked:
    """A database that does not answer for a while, and the clocks meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_watched: bool) -> None:
        """Let somebody look at the clock once a second meanwhile, or nobody, as where we stand still too."""
        self.seconds, self._is_watched = 0.0, is_watched
        self.clock = AwakeClock(wall=lambda: self.seconds, cpu=lambda: 0.0)
        monkeypatch.setattr(outages.timezone, "now", lambda: NOON + timedelta(seconds=self.seconds))

    def answer_after(self, seconds: int) -> None:
        """Answer when so many seconds have passed."""
        for _ in range(seconds):
            self.seconds += 1
            if self._is_watched:
                self.clock.seconds()


@pytest.mark.parametrize(
    ("silent", "is_watched", "is_outage"), [(30, True, True), (30, False, False), (3, True, False)]
)
def test_database_that_hung_is_written_down_unless_we_stood_still_ourselves(
    monkeypatch: pytest.MonkeyPatch, silent: int, *, is_watched: bool, is_outage: bool
) -> None:
    asked, watch = Asked(monkeypatch, is_watched=is_watched), Watch()
    asker = Asker(watch, clock=asked.clock, ask=lambda: asked.answer_after(silent))
    asker.take_turn()
    watch.write_down()
    assert [(each.started_at, each.ended_at) for each in Incident.objects.all()] == (
        [(NOON, NOON + timedelta(seconds=silent))] if is_outage else []
    )


def test_database_that_hung_and_broke_off_then_was_away_since_it_was_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, watch = Asked(monkeypatch, is_watched=True), Watch()

    def break_off() -> None:
        asked.answer_after(20)
        message = "server closed the connection"
        raise OperationalError(message)

    monkeypatch.setattr(outages.connection, "close", lambda: None)
    Asker(watch, clock=asked.clock, ask=break_off).take_turn()
    Asker(watch, clock=asked.clock, ask=lambda: asked.answer_after(1)).take_turn()
    watch.write_down()
    incident = Incident.objects.get()
    assert (incident.started_at, incident.ended_at) == (NOON, NOON + timedelta(seconds=21))
