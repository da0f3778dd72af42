"""Stopping, pausing, resuming, retrying and following jobs, without redoing what is done."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import ending, lifecycle, returning
from jobs.claiming import claim
from jobs.counting import count
from jobs.lifecycle import CannotChange
from jobs.lines import line_of
from jobs.models import Job, JobState, Part, PartState, Person, School
from jobs.progress import Progress
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.settings import switchyard
from jobs.submission import CannotFollow
from jobs.supervision import end_overdue_jobs, wake_delayed
from jobs.testing import let_time_come, make_person, make_school, run_parts


@pytest.fixture
def person(school: School) -> Person:
    """Someone of the school."""
    return make_person(school=school)


@pytest.fixture
def half_done(steps: Any, school: School) -> Job:
    """A job of two parts, one of them done."""
    job: Job = steps.submit(school, 1, 1)
    for _ in range(2):
        work_once()
    job.refresh_from_db()
    assert job.units_done == 1
    return job


def work_once() -> None:
    """Work on one part and no more."""
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)


def states(job: Job) -> list[str]:
    """Return the states of the job's parts, in order."""
    return list(job.parts.order_by("id").values_list("state", flat=True))


def test_start_that_two_workers_see_at_once_is_written_down_once(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    for seen in [Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)]:
        seen.state, seen.started_at = JobState.WAITING, None  # as each worker read it
        lifecycle.start([seen, seen], now=timezone.now())
        assert seen.state == JobState.WORKING
    assert list(job.events.values_list("what", flat=True)) == ["submitted", "started"]


def test_stopped_job_begins_no_other_part(half_done: Job, person: Person) -> None:
    lifecycle.stop(half_done, by=person, why="Wrong students")
    assert run_parts(lane="mail") == 0
    half_done.refresh_from_db()
    assert (half_done.state, half_done.parts_open) == (JobState.STOPPED, 0)
    assert states(half_done) == [PartState.DONE, PartState.DONE, PartState.STOPPED]


def test_part_at_work_when_its_job_is_stopped_counts_what_it_did(half_done: Job) -> None:
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    lifecycle.stop(half_done, by=None)
    assert ending.complete(held, seconds=1, progress=Progress(part=held.part, fence=held.fence))
    half_done.refresh_from_db()
    assert (half_done.state, half_done.units_done, half_done.parts_open) == (JobState.STOPPED, 2, 0)


def test_stopped_job_goes_on_where_it_was_when_it_is_retried(half_done: Job, steps: Any) -> None:
    lifecycle.stop(half_done, by=None)
    lifecycle.retry(half_done, by=None)
    run_parts(lane="mail")
    half_done.refresh_from_db()
    assert (half_done.state, len(steps.worked)) == (JobState.DONE, 2)


def test_job_that_was_stopped_before_its_first_part_starts_when_it_is_retried(
    steps: Any, school: School
) -> None:
    job = steps.submit(school, 1)
    lifecycle.stop(job, by=None)
    lifecycle.retry(job, by=None)
    assert (job.state, job.started_at) == (JobState.WAITING, None)
    run_parts(lane="mail")
    job.refresh_from_db()
    assert job.started_at is not None
    told = list(job.events.values_list("what", flat=True))
    assert told == ["submitted", "stopped", "retried", "started", "done"]


@pytest.mark.parametrize("change", [lifecycle.pause, lifecycle.stop])
def test_job_that_is_changed_while_its_first_part_is_claimed_has_started(
    steps: Any, school: School, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = steps.submit(school, 1)
    start = lifecycle.start
    monkeypatch.setattr(lifecycle, "start", lambda jobs, now: (change(job, by=None), start(jobs, now=now)))
    claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    state = job.state
    job.refresh_from_db()
    assert (job.state, job.started_at is None) == (state, False)


def test_paused_job_waits_and_goes_on_where_it_was(half_done: Job, steps: Any) -> None:
    lifecycle.pause(half_done, by=None)
    assert run_parts(lane="mail") == 0
    lifecycle.resume(half_done, by=None)
    run_parts(lane="mail")
    half_done.refresh_from_db()
    assert (half_done.state, len(steps.worked)) == (JobState.DONE, 2)


def test_part_that_fails_while_its_job_is_paused_is_held_back(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    lifecycle.pause(job, by=None)
    returning.try_again(held, seconds=1, error="busy", delay_seconds=0)
    assert states(job) == [PartState.HELD]
    lifecycle.resume(job, by=None)
    assert states(job) == [PartState.WAITING]


def test_retry_does_again_only_what_failed(steps: Any, school: School) -> None:
    job = steps.submit(school, 2, 3)
    steps.errors.append(PermanentFailure("No such student."))
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed) == (JobState.PROBLEMS, 3, 2)
    lifecycle.retry(job, by=None)
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed) == (JobState.DONE, 5, 0)
    assert [place for _, place in steps.worked] == [1, 0]


def test_errors_of_all_attempts_are_kept(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    steps.errors.extend(
        [TemporaryFailure("Busy."), TemporaryFailure("Still busy."), TemporaryFailure("Down.")]
    )
    while run_parts(lane="mail") or let_time_come():
        pass
    part = job.parts.get(state=PartState.FAILED)
    kept = list(part.attempts.values_list("number", "outcome", "error"))
    assert kept == [(1, "again", "Busy."), (2, "again", "Still busy."), (3, "failed", "Down.")]


def test_each_change_is_written_down_with_who_and_why(half_done: Job, person: Person) -> None:
    lifecycle.pause(half_done, by=person, why="Budget")
    lifecycle.resume(half_done, by=person)
    lifecycle.stop(half_done, by=person, why="Wrong students")
    told = list(half_done.events.values_list("what", "by__name", "why"))
    assert told == [
        ("submitted", None, ""),
        ("started", None, ""),
        ("paused", person.name, "Budget"),
        ("resumed", person.name, ""),
        ("stopped", person.name, "Wrong students"),
    ]


@pytest.mark.parametrize("change", [lifecycle.stop, lifecycle.pause, lifecycle.resume, lifecycle.retry])
def test_change_that_does_not_fit_the_state_is_refused_in_a_sentence(
    steps: Any, school: School, change: Any
) -> None:
    job = steps.submit(school, 1)
    run_parts(lane="mail")
    with pytest.raises(CannotChange, match=r"cannot be \w+: its state is “Done”\."):
        change(job, by=None)


def test_job_that_follows_starts_when_the_other_has_ended_well(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    second = steps.submit(school, 1, key="second", after=[first])
    assert states(second) == [PartState.HELD]
    run_parts(lane="mail")
    second.refresh_from_db()
    assert second.state == JobState.DONE


def test_job_that_follows_one_that_failed_fails_with_the_reason(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    second = steps.submit(school, 1, key="second", after=[first])
    third = steps.submit(school, 1, key="third", after=[second])
    lifecycle.stop(first, by=None)
    for follower in (second, third):
        follower.refresh_from_db()
        assert follower.state == JobState.FAILED
    assert second.error == f"It was to follow “{first}”, which ended as: Stopped."


@pytest.fixture
def followed(steps: Any, school: School) -> Job:
    """A job that ended with problems and is retried now that its follower has begun."""
    steps.errors.append(PermanentFailure("No such file."))
    first: Job = steps.submit(school, 1, 1)
    run_parts(lane="mail")
    steps.submit(school, 1, 1, key="second", after=[first])
    work_once()
    assert claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now()) is not None
    first.refresh_from_db()
    lifecycle.retry(first, by=None)
    return first


def test_follower_that_has_begun_goes_on_whatever_becomes_of_the_job_before(followed: Job) -> None:
    lifecycle.stop(followed, by=None)
    follower = followed.followers.get()
    assert follower.state == JobState.WORKING
    assert states(follower) == [PartState.DONE, PartState.WORKING, PartState.WAITING]


def test_follower_that_has_begun_waits_no_more_after_a_pause_or_a_retry(followed: Job) -> None:
    follower = followed.followers.get()
    lifecycle.pause(follower, by=None)
    lifecycle.resume(follower, by=None)
    assert states(follower)[-1] == PartState.WAITING
    lifecycle.stop(follower, by=None)
    lifecycle.retry(follower, by=None)
    assert states(follower)[-1] == PartState.WAITING
    assert not line_of(follower, counted=count([follower])[follower.pk], now=timezone.now()).follows


def test_job_of_another_school_cannot_be_followed(steps: Any, school: School) -> None:
    foreign = steps.submit(make_school(), 1)
    with pytest.raises(CannotFollow):
        steps.submit(school, 1, after=[foreign])


def test_paused_job_that_follows_does_not_start_when_the_other_ends(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    second = steps.submit(school, 1, key="second", after=[first])
    lifecycle.pause(second, by=None)
    run_parts(lane="mail")
    assert states(second) == [PartState.HELD]
    lifecycle.resume(second, by=None)
    assert states(second) == [PartState.WAITING]


def test_resumed_job_still_waits_for_the_one_it_follows(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    second = steps.submit(school, 1, key="second", after=[first])
    lifecycle.pause(second, by=None)
    lifecycle.resume(second, by=None)
    assert states(second) == [PartState.HELD]


def test_scheduled_job_starts_at_its_time(steps: Any, school: School) -> None:
    now = timezone.now()
    job = steps.submit(school, 1, not_before=now + timedelta(hours=1))
    assert run_parts(lane="mail") == 0
    assert wake_delayed(now=now + timedelta(minutes=59)) == 0
    assert wake_delayed(now=now + timedelta(minutes=61)) == 1
    run_parts(lane="mail")
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_scheduled_job_that_was_stopped_and_retried_still_starts_at_its_time(
    steps: Any, school: School
) -> None:
    now = timezone.now()
    job = steps.submit(school, 1, not_before=now + timedelta(hours=1))
    lifecycle.stop(job, by=None)
    lifecycle.retry(job, by=None)
    assert states(job) == [PartState.DELAYED]
    assert run_parts(lane="mail") == 0
    assert wake_delayed(now=now + timedelta(minutes=61)) == 1


def test_job_whose_deadline_passes_ends_with_what_was_done(half_done: Job) -> None:
    now = timezone.now()
    Job.objects.update(deadline_at=now)
    assert end_overdue_jobs(now=now) == 1
    half_done.refresh_from_db()
    assert (half_done.state, half_done.units_done) == (JobState.FAILED, 1)
    assert half_done.error == "Its deadline passed before all of it was done."
    assert Part.objects.filter(state=PartState.WAITING).count() == 0
