"""What is remembered of a kind's parts."""

from collections import Counter

import pytest

from jobs.costs import Cost
from jobs.experience import LESSON_SECONDS, LESSONS_OF_A_JOB, MOST_LESSONS, Experience, Lesson


def done(*, job: int, at: float, seconds: float, units: float = 10, megabytes: float = 0) -> Lesson:
    return Lesson(job=job, at=at, units=units, megabytes=megabytes, seconds=seconds)


def after(*, seconds: float, looks: int, experience: Experience, start: float, job: int = 1) -> Experience:
    """Return the experience after looks of five seconds, each with eight parts of one job."""
    cost = experience.cost()
    for look in range(looks):
        now = start + 5 * look
        parts = [done(job=job, at=now - place / 10, seconds=seconds) for place in range(8)]
        experience = experience.with_parts(parts, cost=cost, now=now)
        cost = experience.cost()
    return experience


def cost_of(experience: Experience) -> Cost:
    cost = experience.cost()
    assert cost is not None
    return cost


def many_jobs(*, seconds: float, jobs: int = 12) -> Experience:
    """Return the experience of so many jobs."""
    experience = Experience()
    for job in range(100, 100 + jobs):
        experience = after(seconds=seconds, looks=1, experience=experience, start=5 * (job - 100), job=job)
    return experience


def test_job_that_turns_slow_does_not_hide_that_itself() -> None:
    known = after(seconds=1, looks=1, experience=Experience(), start=0, job=1)
    slow = after(seconds=30, looks=12 * 5, experience=known, start=10, job=1)
    assert cost_of(slow).unit_seconds == pytest.approx(0.1)


def test_kind_that_turns_slow_is_usual_only_after_hours() -> None:
    known = many_jobs(seconds=1)
    slow = after(seconds=30, looks=720, experience=known, start=1000, job=2)
    assert cost_of(slow).unit_seconds == pytest.approx(0.1)
    much_later = after(seconds=30, looks=2 * 720, experience=slow, start=5000, job=2)
    assert cost_of(much_later).unit_seconds == pytest.approx(3)


def test_memory_is_bounded() -> None:
    experience = many_jobs(seconds=1)
    cost = cost_of(experience)
    for look in range(MOST_LESSONS + 1):
        now = 1000 + LESSON_SECONDS * look
        parts = [done(job=1, at=now - place / 10, seconds=1) for place in range(8)]
        experience = experience.with_parts(parts, cost=cost, now=now)
    assert len(experience.lessons) == MOST_LESSONS
    assert len(experience.as_json()["lately"]) == 1


def test_kind_learns_quickly_at_first_and_the_same_from_each_job() -> None:
    parts = [done(job=1, at=100 - place, seconds=1) for place in range(50)]
    others = [done(job=job, at=20, seconds=1) for job in range(2, 8)]
    first = Experience().with_parts([*parts, *others], cost=None, now=100)
    counted = Counter(lesson.job for lesson in first.lessons)
    assert counted == {1: LESSONS_OF_A_JOB, **dict.fromkeys(range(2, 8), 1)}


def test_one_slow_job_does_not_make_its_kind_slow_but_two_do() -> None:
    usual = Cost(unit_seconds=0.1)
    one = Experience().with_parts([done(job=1, at=10, seconds=30)], cost=usual, now=10)
    assert one.times_lately(now=11) == 1
    two = one.with_parts([done(job=2, at=20, seconds=20)], cost=usual, now=20)
    assert two.times_lately(now=21) == 20
    assert two.times_lately(now=1000) == 1


def test_slow_spell_is_nearly_forgotten_after_minutes() -> None:
    usual = Cost(unit_seconds=0.1)
    parts = [done(job=job, at=100, seconds=10) for job in range(1, 5)]
    slow = Experience().with_parts(parts, cost=usual, now=100)
    lately = [slow.times_lately(now=100 + age) for age in (1, 60, 120, 240)]
    assert lately[:2] == [10, 10]
    assert 1.5 < lately[2] < 2.5
    assert 1 <= lately[3] < 1.1


def test_spell_of_two_slow_jobs_is_not_usual_though_few_jobs_are_known() -> None:
    known = after(seconds=1, looks=1, experience=Experience(), start=0, job=1)
    cost = known.cost()
    for look in range(15):
        at = 10 + 5 * look
        slow = [done(job=job, at=at, seconds=30) for job in (2, 3, 4) for _ in range(8)]
        known = known.with_parts(slow, cost=cost, now=at)
        cost = known.cost()
    assert cost_of(known).unit_seconds == pytest.approx(0.1)


def test_kind_whose_first_job_was_slow_learns_quickly_that_it_is_not() -> None:
    known = after(seconds=30, looks=1, experience=Experience(), start=0, job=1)
    for job in (2, 3):
        known = after(seconds=1, looks=1, experience=known, start=5 * job, job=job)
    assert cost_of(known).unit_seconds == pytest.approx(0.1)


def test_what_is_kept_as_json_comes_back() -> None:
    experience = after(seconds=1, looks=3, experience=Experience(), start=1_000_000)
    kept = Experience.of_json(experience.as_json())
    assert kept.as_json() == experience.as_json()
    assert kept.cost() == experience.cost()


def test_work_of_a_new_weight_is_learned_quickly_however_much_is_known_of_other_work() -> None:
    experience = after(seconds=1, looks=200, experience=many_jobs(seconds=1), start=1000)
    for job, at in ((2, 2005), (3, 2010), (4, 2015)):
        heavy = [done(job=job, at=at, seconds=6, megabytes=50) for _ in range(8)]
        experience = experience.with_parts(heavy, cost=None, now=at)
    cost = cost_of(experience)
    assert cost.seconds(units=10, megabytes=50) == pytest.approx(6, rel=0.05)
    assert cost.seconds(units=10, megabytes=0) == pytest.approx(1, rel=0.05)
    counted = Counter(lesson.job for lesson in experience.lessons if lesson.megabytes)
    assert counted[2] == counted[3] == LESSONS_OF_A_JOB
    assert counted[4] <= 1


def test_first_job_of_a_weight_is_not_its_own_measure() -> None:
    heavy = [done(job=2, at=2005, seconds=60, megabytes=50) for _ in range(8)]
    experience = many_jobs(seconds=1).with_parts(heavy, cost=None, now=2005)
    assert cost_of(experience).known_megabytes == 5
    others = experience.cost_without(2, least_units=20)
    assert others is not None
    assert others.known_megabytes == 0
    assert experience.has_learned_from(2)
    assert not experience.has_learned_from(3)
