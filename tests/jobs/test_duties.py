"""What supervisors remember in their memory is one supervisor's business for as long as it lives."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from jobs import execution, models, observing
from jobs.duties import Duty
from jobs.models import LaneScale, Part, School
from jobs.reckoning import Staffing
from jobs.settings import switchyard
from jobs.staffing import scale, scale_back, staff_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def grows(settings: Settings) -> None:
    """The lane mail may grow from 2 to 16 workers by itself."""
    lanes = settings.SWITCHYARD["lanes"]
    mail = {**lanes["mail"], "workers": 2, "most_workers": 16, "promise_seconds": 60, "part_seconds": 2}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": mail}}


def fill(steps: Any, school: School) -> None:
    """Let 150 parts wait in mail, long enough that all 16 workers are wanted."""
    steps.submit(school, *[1] * 150)
    execution.answer(lane="mail", worker="mail@here-1")
    Part.objects.update(ready_at=NOW - timedelta(seconds=20))


def look(supervisor: Staffing) -> int:
    """Let the supervisor take its turn at scaling, and return how many workers mail is to have."""
    supervisor.take_turn(now=NOW)
    return staff_of(switchyard().lanes, now=NOW)["mail"].workers


def fall_silent() -> None:
    """Let whoever is on duty not be heard of for long enough."""
    models.Duty.objects.update(until=NOW - timedelta(seconds=1))


def test_supervisor_that_saw_no_peak_does_not_undo_what_another_one_saw(
    grows: None, steps: Any, school: School
) -> None:
    first, second = Staffing(), Staffing()
    look(first)
    look(second)
    fill(steps, school)
    assert look(first) == 16
    Part.objects.update(state="done")
    assert [look(one) for one in (second, first, second, first)] == [16] * 4
    assert LaneScale.objects.get(lane="mail").why.startswith("150 parts waited")


def test_supervisor_that_takes_over_lets_no_worker_go_that_the_one_before_wanted(
    grows: None, steps: Any, school: School, settings: Settings
) -> None:
    first, second = Staffing(), Staffing()
    look(second)
    fall_silent()
    fill(steps, school)
    look(first)
    Part.objects.update(state="done")
    fall_silent()
    assert [look(one) for one in (second, first, second)] == [16] * 3
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": {"shrink_seconds": 0.001}}
    assert look(first) == 16
    assert look(second) == 2


def test_supervisor_that_was_silent_for_a_while_remembers_nothing(
    grows: None, steps: Any, school: School, settings: Settings
) -> None:
    only = Staffing()
    fill(steps, school)
    assert look(only) == 16
    Part.objects.update(state="done")
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": {"shrink_seconds": 0.001}}
    fall_silent()
    assert look(only) == 16


def test_log_of_the_supervisor_on_duty_tells_of_numbers_set_by_hand(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Staffing(), Staffing()
    look(first)
    mail = switchyard().lanes["mail"]
    scale(mail, workers=9, by=None, why="Results day", until=NOW + timedelta(hours=1), now=NOW)
    with caplog.at_level(logging.INFO):
        for one in (first, second, first):
            look(one)
        scale_back("mail", by=None, now=NOW)
        look(first)
    told = [record.getMessage() for record in caplog.records]
    holds, ended = [one for one in told if "lane_scaled_by_hand" in one]
    assert "'workers': 9" in holds
    assert "lane_scaled_by_hand_no_more" in ended


def test_one_is_on_duty_until_it_leaves_or_falls_silent() -> None:
    first, second = Duty("scaling"), Duty("scaling")
    began = first.since()
    assert began is not None
    assert second.since() is None
    second.leave()
    assert first.since() == began
    first.leave()
    assert second.since()
    fall_silent()
    assert (first.since() or began) > began
    assert second.since() is None
    assert Duty("observing").since()


def test_only_the_observer_on_duty_takes_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[observing.Observer] = []
    monkeypatch.setattr(observing.Observer, "take_turn", lambda one: turns.append(one))  # noqa: PLW0108 - self
    first, second = observing.Observer(), observing.Observer()
    for one in (first, second, first, second):
        observing._take_turn(one)
    assert turns == [first, first]
