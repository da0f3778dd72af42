"""A job that is far slower than usual moves to the slow companion of its lane, and back when it is normal."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import moving, pacing
from jobs.experience import Experience, Lesson
from jobs.models import Cost, Detour, Job, Pace, Part, School
from jobs.sightings import Watcher
from jobs.testing import make_person, make_school
from tests.jobs.slow_jobs import LATER, be_slow, planned, take, watch

pytestmark = pytest.mark.usefixtures("slow_companion")


def test_slow_job_moves_to_the_companion_with_its_reason(steps: Any, school: School) -> None:
    now = timezone.now()
    job = be_slow(steps, school, now=now)
    assert watch(now=now + LATER) == 1
    job.refresh_from_db()
    assert job.lane == "bulk"
    lanes = job.parts.order_by("id").values_list("lane", "state")
    assert list(lanes) == [("mail", "working")] * 2 + [("bulk", "waiting")] * 2
    event = job.events.get(what="moved aside")
    assert event.why.startswith("It took 29 times as long as usual: 0.59 s for each of its steps")
    assert event.why.endswith("It goes on in the lane bulk, so that the lane mail stays free for others.")
    assert take("bulk").part.job_id == job.pk


def test_part_whose_worker_has_a_clock_ahead_of_ours_has_taken_no_time_yet(
    steps: Any, school: School
) -> None:
    job = planned(steps, school, 200, 200)
    take(now=timezone.now() + timedelta(minutes=5))
    watch(now=timezone.now())
    assert Pace.objects.get(job=job).times > 0


def test_job_of_usual_pace_stays(steps: Any, school: School) -> None:
    job = planned(steps, school, 200, 200, 200)
    Part.objects.filter(pk=take().part.pk).update(units_done=190)
    assert watch(now=timezone.now() + timedelta(seconds=6)) == 0
    assert Job.objects.get(pk=job.pk).lane == "mail"
    assert Pace.objects.get(job=job).times == pytest.approx(1.5, abs=0.3)


def test_part_that_reports_nothing_counts_as_a_whole(steps: Any, school: School) -> None:
    planned(steps, school, 200, 200, 200)
    take()
    assert watch(now=timezone.now() + timedelta(seconds=39)) == 0
    assert watch(now=timezone.now() + timedelta(seconds=45)) == 1


def test_job_that_turns_slow_within_its_parts_is_found_within_twenty_seconds(
    steps: Any, school: School
) -> None:
    job = planned(steps, school, *[200] * 8)
    watcher, turned = Watcher(), timezone.now()
    for _ in range(4):
        Part.objects.filter(pk=take(now=turned - timedelta(seconds=3)).part.pk).update(units_done=150)
    moved = [watch(now=turned + timedelta(seconds=seconds), watcher=watcher) for seconds in (0, 4, 8)]
    assert moved == [0, 0, 0], "a hiccup"
    moved = [watch(now=turned + timedelta(seconds=seconds), watcher=watcher) for seconds in (12, 16, 20)]
    assert sum(moved) == 1
    assert job.events.filter(what="moved aside").exists()


def test_job_is_judged_by_what_other_jobs_took(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    others = [Lesson(job=-1, at=1, units=100, megabytes=0, seconds=2) for _ in range(5)]
    own = [Lesson(job=job.pk, at=2, units=100, megabytes=0, seconds=60) for _ in range(20)]
    experience = Experience(lessons=[*others, *own])
    cost = experience.cost()
    assert cost is not None
    Cost.objects.update(experience=experience.as_json(), unit_seconds=cost.unit_seconds / 2)
    assert Cost.objects.get().unit_seconds == pytest.approx(0.3)
    assert watch(now=timezone.now() + LATER) == 1


@pytest.mark.parametrize(("section", "value"), [("times", 60), ("units", 5000), ("seconds", 100)])
def test_settings_say_what_is_slow(steps: Any, school: School, section: str, value: float) -> None:
    be_slow(steps, school)
    given: dict[str, Any] = settings.SWITCHYARD
    with override_settings(SWITCHYARD={**given, "slowness": {**given["slowness"], section: value}}):
        assert watch(now=timezone.now() + LATER) == 0
    assert watch(now=timezone.now() + LATER) == 1


def test_job_whose_last_parts_are_at_work_stays(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    job.parts.filter(state="waiting").delete()
    assert watch(now=timezone.now() + LATER) == 0


def test_job_in_a_lane_without_companion_stays(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    Job.objects.update(lane="packets-slow")
    Part.objects.update(lane="packets-slow")
    assert watch(now=timezone.now() + LATER) == 0
    assert Pace.objects.get(job=job).times > 10


def bring_to_pace(job: Job, *, at: datetime, lane: str = "bulk") -> None:
    """Let two parts of the job have been done at the usual pace a moment ago."""
    job.parts.filter(state="working").update(state="failed", leased_until=None)
    done = job.parts.filter(state="waiting").order_by("id")[:1]
    job.parts.filter(pk__in=done.values("pk")).update(
        state="done", attempt=1, units=400, seconds=8, ended_at=at - timedelta(seconds=1), lane=lane
    )


def test_job_that_is_normal_again_moves_back(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    aside = timezone.now() + LATER
    watch(now=aside)
    bring_to_pace(job, at=aside + timedelta(seconds=50))
    assert watch(now=aside + timedelta(seconds=50)) == 0, "not at once"
    bring_to_pace(job, at=aside + timedelta(seconds=61))
    assert watch(now=aside + timedelta(seconds=61)) == 0, "nothing of it waits"
    Part.objects.filter(job=job, state="failed").update(state="waiting")
    assert watch(now=aside + timedelta(seconds=61)) == 1
    job.refresh_from_db()
    assert job.lane == "mail"
    assert set(job.parts.filter(state="waiting").values_list("lane", flat=True)) == {"mail"}
    assert job.events.get(what="moved back").why.endswith("so it goes on in the lane mail.")
    assert not Detour.objects.get(job=job).is_aside


def test_job_that_a_person_moved_back_is_not_moved_again(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    later = timezone.now() + LATER
    watch(now=later)
    job.refresh_from_db()
    by = make_person(school=school)
    moving.move_back(job, by=by, why="It is urgent.", now=later)
    assert watch(now=later) == 0
    assert Job.objects.get(pk=job.pk).lane == "mail"
    assert job.events.get(what="moved back").by == by
    moving.let_move(job, by=by, now=later)
    assert watch(now=later) == 1
    assert Detour.objects.get(job=job).moves == 2


def test_look_costs_the_same_queries_whatever_is_at_work(
    steps: Any, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        planned(steps, make_school(), 10, 10, key=f"{number}")
        take()
    with django_assert_max_num_queries(10):
        pacing.watch(now=timezone.now())
    assert Pace.objects.count() > 5


def weigh(job: Job, *, megabytes: float, unit_seconds: float) -> None:
    """Let each unit of a job with two parts at work have so many megabytes, and take so many seconds."""
    Job.objects.filter(pk=job.pk).update(megabytes=megabytes * job.units_total)
    done = round(LATER.total_seconds() / unit_seconds)
    job.parts.filter(state="working").update(units_done=done)


def test_first_mailing_with_attachments_is_not_slow_for_its_weight_alone(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    weigh(job, megabytes=5, unit_seconds=0.6)
    assert watch(now=timezone.now() + LATER) == 0
    assert Pace.objects.get(job=job).times < 1.5


def test_first_mailing_with_attachments_may_not_take_whatever_it_likes(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    weigh(job, megabytes=0.5, unit_seconds=4)
    assert watch(now=timezone.now() + LATER) == 1
    why = job.events.get(what="moved aside").why
    assert "times as long as is assumed for steps so large, of which few are known: " in why
    assert " s for each of its steps instead of 0.11 s." in why


def test_mailing_with_attachments_is_judged_by_others_of_its_weight(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    plain = [Lesson(job=-1, at=1, units=200, megabytes=0, seconds=4) for _ in range(50)]
    heavy = [Lesson(job=-2, at=2, units=10, megabytes=50, seconds=3) for _ in range(5)]
    know_from([*plain, *heavy])
    weigh(job, megabytes=5, unit_seconds=0.6)
    assert watch(now=timezone.now() + LATER) == 0
    weigh(job, megabytes=5, unit_seconds=5)
    assert watch(now=timezone.now() + LATER, watcher=Watcher()) == 1
    assert "times as long as usual: " in job.events.get(what="moved aside").why


def test_job_that_the_price_of_its_weight_was_learned_from_is_no_measure_of_itself(
    steps: Any, school: School
) -> None:
    job = be_slow(steps, school)
    plain = [Lesson(job=-1, at=1, units=200, megabytes=0, seconds=4) for _ in range(50)]
    own = [Lesson(job=job.pk, at=2, units=10, megabytes=5, seconds=40) for _ in range(5)]
    know_from([*plain, *own])
    weigh(job, megabytes=0.5, unit_seconds=4)
    assert watch(now=timezone.now() + LATER) == 1


def know_from(lessons: list[Lesson]) -> None:
    """Let the kind's cost be what `lessons` teach."""
    experience = Experience(lessons=lessons)
    cost = experience.cost()
    assert cost is not None
    Cost.objects.update(
        experience=experience.as_json(),
        unit_seconds=cost.unit_seconds,
        megabyte_seconds=cost.megabyte_seconds,
        known_megabytes=cost.known_megabytes,
    )
