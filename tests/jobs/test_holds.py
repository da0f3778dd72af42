"""Pausing and draining: what is held waits, everything else goes on, and the page says who did it and why."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import holds
from jobs.claiming import claim
from jobs.holds import NotConfirmed, NothingToHold, Target, lift, lift_expired, put
from jobs.models import Hold, HoldEvent, HoldMode, HoldScope, Job, Person, Role, School, Share
from jobs.ringing import ring_waiting
from jobs.settings import switchyard
from jobs.standings import standing_of
from jobs.submission import submit
from jobs.testing import heard_doorbells, make_person, make_school, run_parts

LANE = Target(scope=HoldScope.LANE, name="mail")
KIND = Target(scope=HoldScope.KIND, name="tests.steps")


@pytest.fixture
def admin(db: None) -> Person:
    """An administrator."""
    return make_person(role=Role.ADMIN)


def of_school(school: School) -> Target:
    """Return the school as what is to be held."""
    return Target(scope=HoldScope.SCHOOL, name=school.slug)


def pause(target: Target, admin: Person, **options: Any) -> Hold:
    """Pause the target."""
    return put(target, mode=HoldMode.PAUSE, by=admin, why="The relay is down.", **options)


def drain(target: Target, admin: Person) -> Hold:
    """Drain the target."""
    return put(target, mode=HoldMode.DRAIN, by=admin, why="The relay is moved tonight")


def school_of_next_claim(lane: str = "mail") -> School | None:
    """Claim the next part of the lane and return its school."""
    held = claim(lane=switchyard().lanes[lane], worker="test", now=timezone.now())
    return held.part.job.school if held else None


@pytest.mark.parametrize("scope", HoldScope)
def test_nothing_of_what_is_paused_is_claimed_until_it_is_lifted(
    steps: Any, school: School, admin: Person, scope: HoldScope
) -> None:
    steps.submit(school, 1)
    targets = {HoldScope.LANE: LANE, HoldScope.KIND: KIND, HoldScope.SCHOOL: of_school(school)}
    hold = pause(targets[scope], admin)
    assert run_parts() == 0
    assert lift(hold, by=admin)
    assert run_parts() == 3


def test_school_that_is_paused_does_not_keep_another_one_waiting(
    steps: Any, school: School, admin: Person
) -> None:
    steps.submit(school, 1)
    other = make_school()
    steps.submit(other, 1)
    pause(of_school(school), admin)
    assert [school_of_next_claim(), school_of_next_claim()] == [other, None]


def test_kind_that_is_paused_does_not_keep_another_one_of_the_school_waiting(
    steps: Any, school: School, admin: Person
) -> None:
    paused = steps.submit(school, 1)
    submit(kind="emails.test", school=school, by=None, arguments={"mailing": 1}, key="one")
    pause(KIND, admin)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    assert held.part.job != paused


def test_draining_lets_jobs_that_were_there_go_on_and_newer_ones_wait(
    steps: Any, school: School, admin: Person
) -> None:
    before = steps.submit(school, 1, 1)
    drain(LANE, admin)
    after = steps.submit(school, 1, key="two")
    run_parts()
    states = [Job.objects.get(pk=job.pk).state for job in (before, after)]
    assert states == ["done", "waiting"]
    reason = standing_of(after, now=timezone.now()).reason
    assert reason.startswith("Test Person began to drain the lane mail ")
    assert reason.endswith("The relay is moved tonight. It goes on by itself when that is lifted.")


def test_paused_school_still_gets_its_codes(school: School, admin: Person) -> None:
    submit(kind="emails.code", school=school, by=None, arguments={"code": 1}, key="one")
    pause(of_school(school), admin)
    assert school_of_next_claim("codes") == school


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target(scope=HoldScope.LANE, name="codes"), "codes"),
        (Target(scope=HoldScope.KIND, name="emails.code"), "emails.code"),
    ],
)
@pytest.mark.parametrize("mode", HoldMode)
def test_vital_lane_is_held_only_when_its_name_was_typed(
    admin: Person, target: Target, name: str, mode: HoldMode
) -> None:
    for typed in ("", "yes"):
        with pytest.raises(NotConfirmed):
            put(target, mode=mode, by=admin, why="A test", confirmed=typed)
    assert not Hold.objects.exists()
    assert put(target, mode=mode, by=admin, why="A test", confirmed=name).name == name


def test_what_is_not_there_is_not_held(admin: Person) -> None:
    for scope, name in ((HoldScope.LANE, "mial"), (HoldScope.KIND, "tests.stps"), (HoldScope.SCHOOL, "no")):
        with pytest.raises(NothingToHold):
            pause(Target(scope=scope, name=name), admin)


def test_job_page_says_who_paused_it_and_why(steps: Any, school: School, admin: Person) -> None:
    job = steps.submit(school, 1)
    pause(LANE, admin, until=timezone.now() + timedelta(hours=2, minutes=5))
    standing = standing_of(job, now=timezone.now())
    assert standing.reason == (
        "Test Person paused the lane mail 1 second ago: The relay is down. "
        "It goes on by itself in 2 hours at the latest."
    )
    assert standing.is_held
    assert standing.expected_start is None


def test_hold_and_its_end_are_kept_for_the_audit(admin: Person) -> None:
    hold = pause(LANE, admin)
    drain(LANE, admin)
    assert lift(hold, by=admin, why="It is back")
    assert not lift(hold, by=admin)
    told = list(HoldEvent.objects.order_by("id").values_list("what", "by", "why"))
    assert told == [
        ("paused", admin.pk, "The relay is down."),
        ("drained", admin.pk, "The relay is moved tonight"),
        ("lifted", admin.pk, "It is back"),
    ]


def test_hold_ends_by_itself_when_its_time_is_over(admin: Person) -> None:
    now = timezone.now()
    pause(LANE, admin, until=now + timedelta(minutes=5))
    assert lift_expired(now=now) == 0
    assert lift_expired(now=now + timedelta(minutes=5)) == 1
    assert HoldEvent.objects.first().why == holds.TIME_IS_OVER  # type: ignore[union-attr]


def test_supervision_does_not_ring_for_what_is_held(steps: Any, school: School, admin: Person) -> None:
    steps.submit(school, 1)
    now = timezone.now()
    with heard_doorbells() as heard:
        for target in (LANE, KIND, of_school(school)):
            hold = pause(target, admin)
            assert ring_waiting(lane="mail", doorbells=0, now=now) == 0
            lift(hold, by=admin)
        assert ring_waiting(lane="mail", doorbells=0, now=now) == 1
    assert heard == [("mail", "tests.steps", 1)]


@pytest.mark.django_db(transaction=True)
def test_lifting_rings_the_lanes_of_what_waited(steps: Any, school: School, admin: Person) -> None:
    steps.submit(school, 1)
    hold = pause(of_school(school), admin)
    with heard_doorbells() as heard:
        lift(hold, by=admin)
    assert heard == [("mail", "tests.steps", 1)]


def test_school_that_was_held_does_not_catch_up_afterwards(steps: Any, school: School, admin: Person) -> None:
    steps.submit(school, 1)
    hold = pause(of_school(school), admin)
    other = make_school()
    steps.submit(other, 1)
    Share.objects.filter(school=other).update(used_seconds=500)
    lift(hold, by=admin)
    assert Share.objects.get(school=school).used_seconds == 500


def test_newcomer_does_not_start_level_with_a_school_that_is_held(
    steps: Any, school: School, admin: Person
) -> None:
    steps.submit(school, 1)
    other = make_school()
    steps.submit(other, 1)
    Share.objects.filter(school=other).update(used_seconds=500)
    pause(of_school(school), admin)
    late = make_school()
    steps.submit(late, 1)
    assert Share.objects.get(school=late).used_seconds == 500


def test_time_stands_still_in_a_lane_that_is_paused(steps: Any, school: School, admin: Person) -> None:
    steps.submit(school, 1)
    other = make_school()
    steps.submit(other, 1)
    Share.objects.filter(school=other).update(used_seconds=500)
    hold = pause(LANE, admin)
    late = make_school()
    steps.submit(late, 1)
    lift(hold, by=admin)
    used = dict(Share.objects.values_list("school", "used_seconds"))
    assert used == {school.pk: 0, other.pk: 500, late.pk: 0}
