"""A part that holds its worker for far longer than it should goes on at its next turn."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any, ClassVar
from unittest import mock

import pytest
from django.utils import timezone
from pytest_django import Settings

from jobs import execution, leases, returning
from jobs.claiming import claim
from jobs.leases import Hold, TurnOver
from jobs.models import Attempt, Bucket, Job, JobState, Part, PartState, School
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import heard_doorbells, kind_in_lane, make_school, run_parts
from jobs.verbs import PartPlan, WorkingPart

pytestmark = pytest.mark.django_db
PART_SECONDS, UNIT_SECONDS = 0.01, 0.03
"""A turn is five times what a part should take: two units."""
LONGER_THAN_A_TURN = 0.06


class Slow(Kind):
    """Has one part whose units take long; it goes on where it was."""

    label, unit, goes_on = "Slow", "units", True
    done: ClassVar[list[int]] = []
    unit_seconds: ClassVar[float] = UNIT_SECONDS

    def plan(self, job: Job) -> list[PartPlan]:  # noqa: ARG002
        return [PartPlan(units=6, arguments={})]

    def work(self, part: WorkingPart) -> None:
        mine = [pk for pk in self.done if pk == part.job.pk]
        for number in range(len(mine), part.units):
            part.check()
            Event().wait(self.unit_seconds)
            self.done.append(part.job.pk)
            part.report(done=number + 1)


class StartsAnew(Slow):
    """Begins at the first unit again, whatever it had done."""

    goes_on = False


@pytest.fixture(params=[Slow])
def kind(request: pytest.FixtureRequest, settings: Settings) -> Iterator[type[Slow]]:
    """The kind `tests.slow` in the lane mail, whose parts should take ten milliseconds."""
    lanes = settings.SWITCHYARD["lanes"]
    mail = {**lanes["mail"], "part_seconds": PART_SECONDS}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": mail}}
    Slow.done.clear()
    with kind_in_lane(request.param, name="tests.slow", lane="mail"):
        yield request.param


def answer() -> None:
    """Work on one part. The keeper's thread does not see the rows of the test's transaction."""
    with mock.patch.object(leases.keeper, "_extend"):
        execution.answer(lane="mail", worker="test")


def begun(school: School) -> Job:
    """Submit a job and plan it."""
    job = submit(kind="tests.slow", school=school, by=None, arguments={}, key=school.slug, title="Slow")
    answer()
    return job


def test_long_part_goes_on_in_turns_with_those_of_others(kind: type[Slow], school: School) -> None:
    jobs = [begun(each) for each in (school, make_school(name="Lakeside College"))]
    with heard_doorbells() as heard:
        run_parts(lane="mail")
    first, second = (Slow.done.index(job.pk) for job in jobs)
    assert abs(first - second) < 6, "one job did all of its units before the other began"
    assert [Slow.done.count(job.pk) for job in jobs] == [6, 6]
    assert {job.state for job in Job.objects.all()} == {JobState.DONE}
    assert ("mail", "tests.slow", 1) in heard


def test_units_that_take_longer_than_a_turn_are_done_all_the_same(
    kind: type[Slow], school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slow, "unit_seconds", LONGER_THAN_A_TURN)
    job = begun(school)
    run_parts(lane="mail")
    assert Slow.done == [job.pk] * 6


def test_turn_that_is_over_is_no_attempt(kind: type[Slow], school: School) -> None:
    job = begun(school)
    answer()
    part = job.parts.get(step="work")
    assert (part.state, part.attempt, part.deaths) == (PartState.WAITING, 0, 0)
    assert part.seconds >= UNIT_SECONDS
    assert not Attempt.objects.filter(part=part).exists()


@pytest.mark.parametrize("kind", [StartsAnew], indirect=True)
def test_part_that_would_begin_anew_is_left_alone(kind: type[Slow], school: School) -> None:
    job = begun(school)
    answer()
    assert job.parts.get(step="work").state == PartState.DONE


def test_hold_says_that_its_turn_is_over_only_between_units(steps: Any, school: School) -> None:
    steps.submit(school, 5)
    now = timezone.now()
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=now)
    assert held is not None
    hold = Hold(claim=held, now=now, limit=timedelta(minutes=5), grace=timedelta(), turn=timedelta())
    hold.check_turn()
    hold.begin(now=now)
    Event().wait(0.01)
    hold.check()
    hold.check_patience(now=now + timedelta(minutes=1))
    with pytest.raises(TurnOver):
        hold.check_turn()


def test_next_turn_draws_only_what_is_left(kind: type[Slow], school: School, settings: Settings) -> None:
    lanes = settings.SWITCHYARD["lanes"]
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": {**lanes["mail"], "rate": 6.0}}}
    begun(school)
    now = timezone.now()
    lane = switchyard().lanes["mail"]
    held = claim(lane=lane, worker="test", now=now)
    assert held is not None
    Part.objects.filter(pk=held.part.pk).update(units_done=4)
    assert returning.end_turn(held, seconds=1)
    later = now + timedelta(seconds=1.1)
    assert claim(lane=lane, worker="test", now=later) is not None
    # Six units were drawn, 6.6 came, and the two that are left were drawn.
    assert Bucket.objects.get(name="lane:mail:units").tokens == pytest.approx(0.6 - 2)
