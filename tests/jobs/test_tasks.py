"""What a doorbell does in a lane with limits, without supervision."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import override_settings
from django.utils import timezone

from jobs import tasks
from jobs.claiming import claim
from jobs.models import Bucket, Part, PartState, School
from jobs.reminding import SOONEST_SECONDS, Reminder
from jobs.settings import switchyard

RATE, UNITS = 10, 5


class Lane:
    """A limited lane whose doorbells, alarms and clock are the test's; its parts end at once."""

    def __init__(self, clock: Any) -> None:
        """Begin now, with no doorbell."""
        self.clock = clock
        self.doorbells = 0
        self.alarms: list[tuple[float, Any]] = []
        self.asked: Counter[bool] = Counter()

    @property
    def now(self) -> float:
        return timezone.now().timestamp()

    def answer(self, **_: Any) -> bool:
        """Claim a part and end it."""
        held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
        self.asked[held is not None] += 1
        if held is not None:
            ended = {"state": PartState.DONE, "leased_until": None, "ended_at": timezone.now()}
            Part.objects.filter(pk=held.part.pk).update(**ended)
        return held is not None

    def ring(self, *, times: int = 1, **_: Any) -> bool:
        self.doorbells += times
        return True

    def call_later(self, seconds: float, call: Any) -> Any:
        alarm = (self.now + seconds, call)
        self.alarms.append(alarm)
        return SimpleNamespace(cancel=lambda: self.alarms.remove(alarm))

    def answer_doorbells(self, *, at_once: int) -> None:
        """Let `at_once` slots answer what rings now, and no more than one doorbell each."""
        for _ in range(min(at_once, self.doorbells)):
            self.doorbells -= 1
            task: Any = SimpleNamespace(name="tests.steps", request=SimpleNamespace(hostname="test"))
            tasks.answer(task, "mail")

    def let_pass(self, seconds: float) -> None:
        """Let time pass, and the alarms come that are due."""
        self.clock.shift(timedelta(seconds=seconds))
        due = [alarm for alarm in self.alarms if alarm[0] <= self.now]
        for alarm in due:
            self.alarms.remove(alarm)
            alarm[1]()


@pytest.fixture
def lane(steps: Any, school: School, monkeypatch: Any) -> Iterator[Lane]:
    """The lane mail, limited to `RATE`, with more parts than it may do in a minute."""
    given = django_settings.SWITCHYARD
    mail = {**given["lanes"]["mail"], "rate": RATE}
    job = steps.submit(school, 1)
    fields = {"job": job, "school": school, "lane": "mail", "ready_at": timezone.now(), "units": UNITS}
    job.parts.all().delete()
    Part.objects.bulk_create([Part(**fields) for _ in range(200)])
    with (
        override_settings(SWITCHYARD={**given, "lanes": {**given["lanes"], "mail": mail}}),
        time_machine.travel(timezone.now(), tick=False) as clock,
    ):
        limited = Lane(clock)
        monkeypatch.setattr("jobs.tasks.close_old_connections", lambda: None)  # the test's is one
        monkeypatch.setattr("jobs.execution.answer", limited.answer)
        monkeypatch.setattr("jobs.publishing.ring", limited.ring)
        monkeypatch.setattr("jobs.tasks.time", SimpleNamespace(monotonic=lambda: limited.now))
        monkeypatch.setattr("jobs.reminding.time", SimpleNamespace(monotonic=lambda: limited.now))
        monkeypatch.setattr(tasks._Process, "reminder", Reminder(call_later=limited.call_later))
        monkeypatch.setattr(tasks._Process, "is_surplus", lambda: False, raising=False)
        monkeypatch.setattr(tasks._Process, "runner", SimpleNamespace(is_spent=False, most=8), raising=False)
        yield limited


def units_done() -> int:
    return UNITS * Part.objects.filter(state=PartState.DONE).count()


@pytest.mark.parametrize("slots", [1, 8])
def test_lane_keeps_to_its_limit_and_uses_all_of_it_though_nobody_rings(lane: Lane, slots: int) -> None:
    lane.doorbells = slots
    for _ in range(60 * 10):
        lane.answer_doorbells(at_once=slots)
        lane.let_pass(0.1)
    assert units_done() == pytest.approx(60 * RATE, rel=0.02)
    assert lane.asked[False] <= 60 / SOONEST_SECONDS


def test_doorbell_goes_on_behind_others_after_a_moment(lane: Lane, monkeypatch: Any) -> None:
    Part.objects.update(units=0)  # so that the limit stays open
    lane.doorbells = 1
    monkeypatch.setattr("jobs.tasks.GOES_ON_SECONDS", -1)
    lane.answer_doorbells(at_once=1)
    assert (lane.asked, lane.doorbells) == (Counter({True: 1}), 1)


def test_limit_that_opens_while_a_claim_finds_it_closed_is_rung(lane: Lane, monkeypatch: Any) -> None:
    Bucket.objects.create(name="lane:mail:units", lane="mail", rate=10, tokens=-1, filled_at=timezone.now())

    def find_nothing(**_: Any) -> bool:
        lane.clock.shift(timedelta(seconds=1))
        return False

    monkeypatch.setattr("jobs.execution.answer", find_nothing)
    lane.doorbells = 1
    lane.answer_doorbells(at_once=1)
    lane.let_pass(3 * SOONEST_SECONDS)
    assert lane.doorbells == 1


def test_doorbell_goes_on_where_a_cap_swallows_those_of_others(lane: Lane) -> None:
    Part.objects.filter(pk__in=Part.objects.values("pk")[3:]).delete()
    given = django_settings.SWITCHYARD
    mail = {**given["lanes"]["mail"], "rate": None, "school_workers": 1}
    lane.doorbells = 1
    with override_settings(SWITCHYARD={**given, "lanes": {**given["lanes"], "mail": mail}}):
        lane.answer_doorbells(at_once=1)
    assert lane.asked == Counter({True: 3, False: 1})


def test_doorbell_too_many_is_owed_nothing(lane: Lane) -> None:
    Part.objects.all().delete()
    Bucket.objects.create(name="lane:mail:units", lane="mail", rate=10, tokens=-9, filled_at=timezone.now())
    lane.doorbells = 1
    lane.answer_doorbells(at_once=1)
    assert lane.alarms == []


def test_slot_does_not_wait_for_a_school_at_its_limit(lane: Lane, school: School) -> None:
    Bucket.objects.create(
        name="school:mail:1:units", lane="mail", school=school, rate=1, tokens=-60, filled_at=timezone.now()
    )
    lane.doorbells = 1
    before = lane.now
    lane.answer_doorbells(at_once=1)
    assert lane.now == before
    ((due_at, _),) = lane.alarms
    assert due_at == pytest.approx(before + 60)
