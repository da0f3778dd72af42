"""What one look sees of the lanes."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import holds
from jobs.holds import Target
from jobs.measures import PART_WAIT
from jobs.models import (
    Breaker,
    BreakerState,
    HoldMode,
    HoldScope,
    Job,
    Part,
    PartState,
    Role,
    School,
    StatusSample,
    Sweep,
    Tally,
)
from jobs.status import incidents, sampling
from jobs.status.samples import LaneSample
from jobs.testing import be_present, make_person
from tests.jobs.conftest import Steps

MINUTE = timedelta(minutes=1)


def mail(*, after: timedelta = timedelta()) -> LaneSample:
    """Return what is seen of the lane mail some time from now."""
    return sampling.take(now=timezone.now() + after).lanes["mail"]


def be_at_work(part: Part) -> None:
    """Let a worker be at `part`."""
    until = timezone.now() + MINUTE
    Part.objects.filter(pk=part.pk).update(state=PartState.WORKING, leased_until=until)


def test_job_that_waits_longer_than_promised_makes_its_lane_late(steps: Steps, school: School) -> None:
    steps.submit(school, 1)
    assert not mail(after=timedelta(seconds=59)).is_late
    late = mail(after=timedelta(seconds=61))
    assert (late.is_late, late.waiting) == (True, 1)
    assert 61 <= late.wait_seconds < 70


def test_job_that_a_worker_is_at_does_not_wait_whatever_is_left_of_it(steps: Steps, school: School) -> None:
    job = steps.submit(school, 1, 1)
    [part] = job.parts.all()
    Part.objects.create(
        job=job, school=school, lane="mail", kind=job.kind, ready_at=part.ready_at, state=PartState.WAITING
    )
    be_at_work(part)
    assert not mail(after=5 * MINUTE).is_late
    ended = timezone.now() + 4 * MINUTE
    Part.objects.filter(pk=part.pk).update(state=PartState.DONE, leased_until=None, ended_at=ended)
    assert not mail(after=4 * MINUTE + timedelta(seconds=30)).is_late
    assert mail(after=6 * MINUTE).is_late


def test_paused_lane_is_not_late(steps: Steps, school: School) -> None:
    steps.submit(school, 1)
    admin = make_person(role=Role.ADMIN)
    holds.put(Target(scope=HoldScope.LANE, name="mail"), mode=HoldMode.PAUSE, by=admin, why="Test")
    seen = mail(after=5 * MINUTE)
    assert (seen.is_held, seen.is_late, seen.is_idle) == (True, False, False)


def test_present_workers_are_seen(db: None) -> None:
    assert mail().slots == 0
    be_present(slots=3)
    assert mail().slots == 3


def test_lane_whose_parts_wait_for_a_closed_relay_names_it(steps: Steps, school: School) -> None:
    now = timezone.now()
    for name in ("relay:mail.example:25/mailings", "webhook:hooks.example:443"):
        Breaker.objects.create(name=name, state=BreakerState.OPEN, opened_at=now, retry_at=now)
    job = steps.submit(school, 1)
    job.parts.update(state=PartState.DELAYED, waits_for="webhook:hooks.example:443")
    assert mail().service == ""
    job.parts.update(waits_for="relay:mail.example:25/mailings")
    assert mail().service == "the mail relay"
    Breaker.objects.update(state=BreakerState.CLOSED)
    assert mail().service == ""


def test_lane_whose_workers_all_wait_for_an_answer_names_who_is_silent(steps: Steps, school: School) -> None:
    for key, silent in (("one", 40), ("two", 10)):
        job = steps.submit(school, 1, key=key)
        be_at_work(job.parts.get())
        job.parts.update(asks="the mail relay", asks_seconds=silent)
    assert mail().service == ""
    Part.objects.update(asks_seconds=40)
    assert mail().service == "the mail relay"
    Part.objects.update(asks="an outside service")
    assert mail().service == ""


def test_broker_that_told_the_newest_sweep_nothing_does_not_answer(db: None) -> None:
    now = timezone.now()
    assert sampling.take(now=now).has_broker
    Sweep.objects.create(at=now, doorbells={})
    assert not sampling.take(now=now + timedelta(seconds=1)).has_broker
    Sweep.objects.update(doorbells={"mail": 0})
    assert sampling.take(now=now + timedelta(seconds=2)).has_broker


def test_spans_that_may_be_behind_an_incident_are_kept_as_they_add_up(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PART_WAIT, "told", "Waits in {0} of {1}")
    for bucket, value in (("1", 3), ("5", 2), ("sum", 7.5)):
        Tally.objects.create(measure=PART_WAIT.name, labels='["mail", "k"]', bucket=bucket, value=value)
    seen = sampling.take(now=timezone.now()).seen
    assert seen[f"{PART_WAIT.name}/mail/k"] == [5, 7.5]


def test_sample_comes_back_as_it_was_and_is_deleted_when_its_time_is_over(db: None) -> None:
    now = timezone.now()
    taken = sampling.take(now=now)
    assert sampling.recent(since=now, until=now) == [taken]
    sampling.prune(now=now + timedelta(days=13))
    assert StatusSample.objects.count() == 1
    sampling.prune(now=now + timedelta(days=15))
    assert StatusSample.objects.count() == 0


def test_look_costs_the_same_few_queries_however_much_waits(
    steps: Steps, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        steps.submit(school, 1, key=str(number))
    assert Job.objects.count() == 60
    with time_machine.travel(timezone.now(), tick=False), django_assert_max_num_queries(22):
        incidents.look(now=timezone.now())
