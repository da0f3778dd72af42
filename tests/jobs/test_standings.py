"""Where a job stands, as its page tells it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import ending, lifecycle, planning, returning
from jobs.changing import change
from jobs.claiming import claim
from jobs.models import Bucket, Job, JobState, Part, PartState, Role, School, Share, Step
from jobs.progress import Progress
from jobs.reasons import NEXT
from jobs.retries import TemporaryFailure
from jobs.settings import switchyard
from jobs.standings import CALM_SECONDS, QUICK_SECONDS, standing_of
from jobs.supervision import free_parts_of
from jobs.testing import be_present, make_person, make_school, run_parts
from tests.jobs.slow_jobs import know


def test_job_at_work_says_which_step_is_done_now(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    said = []
    for _ in range(3):
        held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
        assert held is not None
        said.append(standing_of(job, now=timezone.now()).reason)
        if held.part.step == Step.PLAN:
            planning.plan(held, steps.plan(job))
        ending.complete(held, seconds=1, progress=Progress(part=held.part, fence=held.fence))
    assert said == ["It is being planned now.", "It is being worked on now.", "It is being finished now."]


def test_job_whose_start_is_not_noted_yet_is_not_said_to_wait(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    Part.objects.update(state=PartState.WORKING, leased_until=timezone.now())
    standing = standing_of(job, now=timezone.now())
    assert (job.state, standing.phase, standing.reason) == (
        JobState.WORKING,
        "working",
        "It is being planned now.",
    )


def test_page_that_was_read_before_a_change_tells_the_state_of_its_figures(
    steps: Any, school: School
) -> None:
    read_before: Job = steps.submit(school, 3)
    run_parts(lane="mail")
    standing = standing_of(read_before, now=timezone.now())
    assert (read_before.state, standing.units.done) == (JobState.DONE, 3)


def test_stopped_job_is_at_rest_once_its_last_part_has_ended(steps: Any, school: School) -> None:
    person = make_person(school=school)
    job = steps.submit(school, 2, 3)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    lifecycle.stop(job, by=person, why="Wrong file")
    now = timezone.now()
    Part.objects.filter(pk=held.part.pk).update(leased_until=now + timedelta(seconds=5))
    finishing = standing_of(job, now=now)
    assert (finishing.phase, finishing.is_at_rest) == ("finishing", False)
    assert finishing.reason == (
        f"It was stopped by {person.name}: “Wrong file”. 1 part of it is finishing now; "
        "what does not end by itself is ended within 6 seconds."
    )
    returning.leave(held, seconds=1)
    ended = standing_of(job, now=now)
    assert (ended.phase, ended.is_at_rest) == ("stopped", True)
    assert ended.reason.endswith("Nothing of it is at work any more; 5 of 5 steps were not done.")


def test_job_whose_finish_failed_says_that_there_is_no_result(steps: Any, school: School) -> None:
    job = steps.submit(school, 2)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=1)
    Part.objects.filter(job=job, step=Step.FINISH).update(deaths=2)
    assert claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now()) is not None
    free_parts_of(worker="test", now=timezone.now())
    standing = standing_of(job, now=timezone.now())
    assert (job.state, standing.is_unfinished, standing.units.percent) == (JobState.FAILED, True, 100)
    assert standing.reason == (
        "Its last step failed, so there is no result. “Try again what failed” does that step once more."
    )
    lifecycle.retry(job, by=None)
    run_parts(lane="mail")
    assert not standing_of(job, now=timezone.now()).is_unfinished


def test_next_attempt_is_told_with_what_the_last_one_failed_by(steps: Any, school: School) -> None:
    be_present()
    job = steps.submit(school, 1)
    steps.errors.append(TemporaryFailure("The relay does not answer."))
    run_parts(lane="mail")
    job.refresh_from_db()
    told = standing_of(job, now=timezone.now()).reason
    assert told.startswith("The relay does not answer. The next attempt is in ")


def test_next_attempt_is_no_reason_while_other_parts_may_go_on(steps: Any, school: School) -> None:
    be_present()
    job = steps.submit(school, 1, 1)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    first = job.parts.filter(step="work")[0]
    later = timezone.now() + timedelta(minutes=5)
    Part.objects.filter(pk=first.pk).update(state=PartState.DELAYED, ready_at=later)
    assert standing_of(job, now=timezone.now()).reason == "Its next part starts at any moment."


def test_paused_job_is_not_ahead_of_another(steps: Any, school: School) -> None:
    be_present()
    lifecycle.pause(steps.submit(school, 1), by=None)
    assert standing_of(steps.submit(school, 1, key="two"), now=timezone.now()).line.jobs_ahead == 0


def test_job_of_higher_priority_is_ahead_of_an_older_one(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    urgent = steps.submit(school, 1, key="two", priority=5)
    now = timezone.now()
    assert (standing_of(job, now=now).line.jobs_ahead, standing_of(urgent, now=now).line.jobs_ahead) == (1, 0)


def test_older_jobs_and_other_schools_ahead_are_counted(steps: Any, school: School) -> None:
    be_present()
    for other in (make_school(), School.objects.platform()):  # the platform's canaries do not count
        steps.submit(other, 1)
    steps.submit(school, 1)
    job = steps.submit(school, 1, key="two")
    Share.objects.filter(school=school).update(used_seconds=5)
    standing = standing_of(job, now=timezone.now())
    assert (standing.line.schools_ahead, standing.line.jobs_ahead) == (1, 1)


def test_limit_that_was_taken_away_is_no_reason_while_its_bucket_owes(steps: Any, school: School) -> None:
    be_present()
    job = steps.submit(school, 1)
    Bucket.objects.create(name="lane:mail:units", lane="mail", rate=1, tokens=-5, filled_at=timezone.now())
    assert standing_of(job, now=timezone.now()).reason == NEXT


def test_limit_is_named_with_who_set_it(steps: Any, school: School, live_settings: None) -> None:
    be_present()
    admin = make_person(role=Role.ADMIN)
    change(overrides={"lanes": {"mail": {"school_rate": 10}}}, by=admin, why="Test", expecting=0)
    job = steps.submit(school, 100, 1)
    assert run_parts(lane="mail") == 2  # the plan and the first part
    standing = standing_of(job, now=timezone.now())
    assert standing.reason == (
        "It goes on as fast as a limit lets it. Your school in the lane mail is at its limit of "
        f"10 steps a second (set by {admin.name} 1 second ago)."
    )
    assert standing.line.limit is not None
    assert 8 < standing.line.limit.opens_in.total_seconds() <= 10


def test_limit_that_opens_and_closes_each_second_is_the_reason_all_the_time(
    steps: Any, school: School, live_settings: None
) -> None:
    be_present()
    admin = make_person(role=Role.ADMIN)
    change(overrides={"lanes": {"mail": {"rate": 10}}}, by=admin, why="Test", expecting=0)
    job = steps.submit(school, 5, 5)
    assert run_parts(lane="mail") == 2
    drawn_at = Bucket.objects.get().filled_at
    reasons = [standing_of(job, now=drawn_at + timedelta(seconds=0.1 * tenth)).reason for tenth in range(60)]
    is_told = ["is at its limit of 10 steps a second" in reason for reason in reasons]
    assert is_told == [True] * 35 + [False] * 25  # in debt for half a second, and nearly so for three more


def test_limit_that_closes_nothing_is_no_reason(steps: Any, school: School, live_settings: None) -> None:
    be_present()
    admin = make_person(role=Role.ADMIN)
    change(overrides={"lanes": {"mail": {"rate": 10}}}, by=admin, why="Test", expecting=0)
    job = steps.submit(school, 5, 5)
    now = timezone.now()
    Bucket.objects.create(name="lane:mail:units", lane="mail", rate=10, tokens=0, filled_at=now)
    assert standing_of(job, now=now).reason == NEXT


def test_standing_costs_the_same_queries_whatever_the_backlog(
    steps: Any, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        job = steps.submit(school, 1, key=str(number))
    with django_assert_max_num_queries(5):
        standing_of(job, now=timezone.now())


def test_units_of_a_part_that_was_lost_stay_in_sight(steps: Any, school: School) -> None:
    job = steps.submit(school, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    held = claim(lane=switchyard().lanes["mail"], worker="lost", now=timezone.now())
    assert held is not None
    Part.objects.filter(pk=held.part.pk).update(units_done=4)
    free_parts_of(worker="lost", now=timezone.now())
    job.refresh_from_db()
    assert standing_of(job, now=timezone.now()).units.done == 4
    claim(lane=switchyard().lanes["mail"], worker="next", now=timezone.now())
    assert standing_of(job, now=timezone.now()).units.done == 4


def test_paused_job_whose_parts_are_at_work_says_so(steps: Any, school: School) -> None:
    job = steps.submit(school, 1, 1)
    lane = switchyard().lanes["mail"]
    claim(lane=lane, worker="test", now=timezone.now())
    lifecycle.pause(job, by=None)
    standing = standing_of(job, now=timezone.now())
    assert standing.reason == (
        "It is paused; 1 part at work is finished first. Resume it to let the rest go on."
    )
    assert standing.is_held
    assert standing.expected_end is None


@pytest.mark.parametrize(("state", "shown"), [(PartState.STOPPED, 4), (PartState.RETIRED, 0)])
def test_units_of_a_stopped_part_are_shown_and_those_of_a_retired_one_are_not(
    steps: Any, school: School, state: PartState, shown: int
) -> None:
    job = steps.submit(school, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    job.parts.filter(step="work").update(state=state, units_done=4, ended_at=timezone.now())
    job.refresh_from_db()
    assert standing_of(job, now=timezone.now()).units.done == shown


def test_page_asks_again_at_once_of_a_job_at_work_or_about_to_begin(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    assert standing_of(job, now=timezone.now()).refresh_seconds == QUICK_SECONDS
    lifecycle.pause(job, by=None)
    assert standing_of(job, now=timezone.now()).refresh_seconds == CALM_SECONDS
    lifecycle.resume(job, by=None)
    claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    lifecycle.pause(job, by=None)
    assert standing_of(job, now=timezone.now()).refresh_seconds == QUICK_SECONDS


def test_page_asks_less_often_of_a_job_that_begins_later(steps: Any, school: School) -> None:
    now = timezone.now()
    job = steps.submit(school, 1, not_before=now + timedelta(minutes=10))
    assert standing_of(job, now=now).refresh_seconds == CALM_SECONDS
    assert standing_of(job, now=now + timedelta(minutes=9, seconds=30)).refresh_seconds == QUICK_SECONDS


def test_page_asks_less_often_of_a_job_far_behind_in_line(steps: Any, school: School) -> None:
    be_present(slots=1)
    know(seconds=1)
    steps.submit(school, 600, units=600, key="first")
    job = steps.submit(school, 5, units=5, key="behind")
    assert standing_of(job, now=timezone.now()).refresh_seconds == CALM_SECONDS
