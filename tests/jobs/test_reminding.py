"""Doorbells that met a closed limit."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from jobs.reminding import SOONEST_SECONDS, Reminder


@dataclass
class Alarm:
    """A call that shall come later."""

    seconds: float
    call: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Alarms(list[Alarm]):
    """Keeps the calls that shall come later, for the test to make."""

    def __call__(self, seconds: float, call: Callable[[], None]) -> Alarm:
        self.append(Alarm(seconds, call))
        return self[-1]


@pytest.fixture
def rings(monkeypatch: Any) -> list[dict[str, Any]]:
    """The doorbells that were rung."""
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr("jobs.publishing.ring", lambda **ring: rung.append(ring) or True)
    return rung


def test_doorbells_are_rung_again_together_and_once(rings: list[dict[str, Any]]) -> None:
    alarms = Alarms()
    reminder = Reminder(call_later=alarms)
    for _ in range(3):
        reminder.owe(lane="mail", kind="emails.mailing", opens_in=0.5, most=8)
    (alarm,) = alarms
    assert alarm.seconds == 0.5
    alarm.call()
    assert rings == [{"lane": "mail", "kind": "emails.mailing", "times": 3}]
    reminder.owe(lane="mail", kind="emails.mailing", opens_in=0.5, most=8)
    alarms[-1].call()
    assert [ring["times"] for ring in rings] == [3, 1]


def test_no_more_doorbells_are_owed_than_there_are_slots(rings: list[dict[str, Any]]) -> None:
    alarms = Alarms()
    reminder = Reminder(call_later=alarms)
    for _ in range(1000):
        reminder.owe(lane="mail", kind="emails.mailing", opens_in=0.5, most=4)
    alarms[0].call()
    assert [ring["times"] for ring in rings] == [4]


def test_limit_that_opens_sooner_is_not_kept_waiting(rings: list[dict[str, Any]]) -> None:
    alarms = Alarms()
    reminder = Reminder(call_later=alarms)
    reminder.owe(lane="mail", kind="emails.mailing", opens_in=60, most=4)
    reminder.owe(lane="mail", kind="emails.mailing", opens_in=1, most=4)
    late, soon = alarms
    assert late.is_cancelled
    soon.call()
    late.call()
    assert [ring["times"] for ring in rings] == [2]


def test_limit_that_opens_at_once_is_asked_ten_times_a_second_at_most() -> None:
    alarms = Alarms()
    Reminder(call_later=alarms).owe(lane="mail", kind="emails.mailing", opens_in=0.001, most=4)
    assert [alarm.seconds for alarm in alarms] == [SOONEST_SECONDS]


def test_alarm_comes_by_itself(monkeypatch: Any) -> None:
    rung = threading.Event()
    ringer: list[threading.Thread] = []

    def ring(**_: Any) -> bool:
        ringer.append(threading.current_thread())
        rung.set()
        return True

    monkeypatch.setattr("jobs.publishing.ring", ring)
    Reminder().owe(lane="mail", kind="emails.mailing", opens_in=0, most=1)
    assert rung.wait(30)
    ringer[0].join(30)
    assert not ringer[0].is_alive()
