"""A part that holds its worker for far longer than it should goes on at its next turn."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any, ClassVar
from unittest import mock

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings
from time_machine import TimeMachineFixture

from jobs import execution, leases, returning
from jobs.claiming import Claim, claim
from jobs.leases import Hold, TurnOver
from jobs.models import Attempt, Bucket, Job, JobState, PartState, School, Share
from jobs.progress import Figures, Progress, write
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import be_present, heard_doorbells, kind_in_lane, make_school, run_parts
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


class Lost(Slow):
    """Loses its part to another worker while it works."""

    def work(self, part: WorkingPart) -> None:
        part.job.parts.filter(step="work").update(fence=F("fence") + 1)
        super().work(part)


class GoesOut(Slow):
    """Sends its units to the relay."""

    service = "relay"

    def plan(self, job: Job) -> list[PartPlan]:  # noqa: ARG002
        return [PartPlan(units=6, bytes=600, arguments={})]


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


def test_turn_rings_for_what_it_gave_back(kind: type[Slow], school: School) -> None:
    begun(school)
    with heard_doorbells() as heard:
        answer()
    assert heard == [("mail", "tests.slow", 1)]


def test_turn_rings_nobody_where_its_own_doorbell_goes_on(
    kind: type[Slow], school: School, settings: Settings
) -> None:
    lanes = settings.SWITCHYARD["lanes"]
    mail = {**lanes["mail"], "school_workers": 1}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": mail}}
    begun(school)
    with heard_doorbells() as heard:
        answer()
    assert heard == []


@pytest.mark.parametrize("kind", [Lost], indirect=True)
def test_turn_rings_nobody_for_a_part_that_another_worker_has(kind: type[Slow], school: School) -> None:
    begun(school)
    with heard_doorbells() as heard:
        answer()
    assert heard == []


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


@pytest.mark.parametrize("kind", [GoesOut], indirect=True)
def test_turns_draw_what_was_done_in_them_on_every_limit(
    kind: type[Slow], school: School, settings: Settings, time_machine: TimeMachineFixture
) -> None:
    """A turn of a fifth of a second does one unit, where a limit lets six through in a second."""
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    limit_all_to_six(settings)
    be_present(slots=4)
    begun(school)
    used = Share.objects.get().used_seconds
    for done in range(1, 5):
        held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
        assert held is not None, f"a limit is closed after {done - 1} turns"
        time_machine.shift(0.2)
        assert returning.end_turn(held, seconds=0.01, progress=progress(held, done=done))
    drawn = {each.name: each.rate * 0.8 - each.tokens for each in Bucket.objects.all()}
    units = {"lane:mail:units", f"school:mail:{school.pk}:units", "service:relay:units"}
    in_bytes = {name.replace("units", "bytes") for name in units}
    assert drawn == pytest.approx(dict.fromkeys(units, 4) | dict.fromkeys(in_bytes, 400))
    # Four units of six a second, in which four workers could have worked.
    assert Share.objects.get().used_seconds - used == pytest.approx(4 / 6 * 4)


def test_worker_that_hands_a_part_back_draws_what_it_did(
    kind: type[Slow], school: School, settings: Settings, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    limit_all_to_six(settings)
    begun(school)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    assert returning.hand_back(held, seconds=1, progress=progress(held, done=4))
    assert Bucket.objects.get(name="lane:mail:units").tokens == -4


def test_nothing_is_given_back_to_a_limit_that_was_set_meanwhile(
    kind: type[Slow], school: School, settings: Settings
) -> None:
    begun(school)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    limit_all_to_six(settings)
    assert returning.end_turn(held, seconds=1, progress=progress(held, done=4))
    assert not Bucket.objects.exists()


@pytest.mark.parametrize("kind", [StartsAnew], indirect=True)
def test_part_that_begins_anew_draws_all_of_it_again(
    kind: type[Slow], school: School, settings: Settings, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    limit_all_to_six(settings)
    begun(school)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    write({held.part.pk: Figures(fence=held.fence, done=4, failed=0)})
    assert returning.hand_back(held, seconds=1, progress=progress(held, done=4))
    time_machine.shift(1)
    assert claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now()) is not None
    assert Bucket.objects.get(name="lane:mail:units").tokens == 6 - 6 - 6


def limit_all_to_six(settings: Settings) -> None:
    """Let the lane mail, each school in it and the relay take six units and 600 bytes a second."""
    lanes, rates = settings.SWITCHYARD["lanes"], {"rate": 6.0, "bytes_rate": 600.0}
    mail = {**lanes["mail"], **rates, "school_rate": 6.0, "school_bytes_rate": 600.0}
    settings.SWITCHYARD = {
        **settings.SWITCHYARD,
        "lanes": {**lanes, "mail": mail},
        "services": {"relay": rates},
    }


def progress(held: Claim, *, done: int) -> Progress:
    """Return what the kind reported of the part that is `held`."""
    noted = Progress(part=held.part, fence=held.fence)
    noted.note(done=done, failed=0)
    return noted
