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


def owe(reminder: Reminder, *, opens_in: float, most: int = 4, was_in_vain: bool = False) -> None:
    reminder.owe(lane="mail", kind="emails.mailing", opens_in=opens_in, most=most, was_in_vain=was_in_vain)


def test_doorbells_are_rung_again_one_after_the_other(rings: list[dict[str, Any]]) -> None:
    alarms = Alarms()
    reminder = Reminder(call_later=alarms)
    for _ in range(3):
        owe(reminder, opens_in=0.5)
    for place in range(3):
        alarms[place].call()
    assert rings == [{"lane": "mail", "kind": "emails.mailing"}] * 3
    assert [alarm.seconds for alarm in alarms] == [0.5, SOONEST_SECONDS, SOONEST_SECONDS]


def test_no_more_doorbells_are_owed_than_there_are_slots(rings: list[dict[str, Any]]) -> None:
    alarms = Alarms()
    reminder = Reminder(call_later=alarms)
    for _ in range(1000):
        owe(reminder, opens_in=0.5, most=4)
    for alarm in alarms:
        alarm.call()
    assert len(rings) == 4


def test_limit_that_opens_sooner_is_not_kept_waiting(rings: list[dict[str, Any]]) -> None:
    alarms = Alarms()
    reminder = Reminder(call_later=alarms)
    owe(reminder, opens_in=60)
    owe(reminder, opens_in=1)
    late, soon = alarms
    assert late.is_cancelled
    soon.call()
    late.call()
    assert len(rings) == 1


def test_process_that_finds_nothing_asks_less_often_until_it_finds_something(
    rings: list[dict[str, Any]],
) -> None:
    alarms = Alarms()
    reminder = Reminder(call_later=alarms)
    for was_in_vain in (False, True, True, True, True, True, False):
        owe(reminder, opens_in=0.001, was_in_vain=was_in_vain)
        alarms[-1].call()
    assert [alarm.seconds for alarm in alarms] == [0.1, 0.2, 0.4, 0.8, 1, 1, 0.1]


def test_alarm_comes_by_itself(monkeypatch: Any) -> None:
    rung = threading.Event()
    ringer: list[threading.Thread] = []

    def ring(**_: Any) -> bool:
        ringer.append(threading.current_thread())
        rung.set()
        return True

    monkeypatch.setattr("jobs.publishing.ring", ring)
    owe(Reminder(), opens_in=0)
    assert rung.wait(30)
    ringer[0].join(30)
    assert not ringer[0].is_alive()
