"""Working on parts, and how they end."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from jobs import ending, execution, leases, lifecycle, returning
from jobs.awake import AwakeClock
from jobs.claiming import claim
from jobs.failing import UNEXPECTED
from jobs.leases import Hold, PartTaken
from jobs.models import Job, JobState, Part, PartState, School, Share
from jobs.progress import Progress
from jobs.registry import Kind
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import kind_in_lane, let_time_come, run_parts


def run_to_the_end() -> None:
    """Work on parts until none is left, however long their retries would wait."""
    while run_parts(lane="mail") or let_time_come():
        pass


def test_job_is_planned_worked_and_finished_once(steps: Any, school: School) -> None:
    job = steps.submit(school, 3, 2)
    assert run_parts(lane="mail") == 4
    job.refresh_from_db()
    assert steps.worked == [(school.pk, 0), (school.pk, 1)]
    assert steps.finished == [job.pk]
    assert (job.state, job.units_total, job.units_done, job.units_failed) == (JobState.DONE, 5, 5, 0)
    assert job.ended_at is not None


def test_job_whose_plan_is_empty_is_finished(steps: Any, school: School) -> None:
    job = steps.submit(school)
    run_to_the_end()
    job.refresh_from_db()
    assert (job.state, steps.finished) == (JobState.DONE, [job.pk])


def test_part_that_fails_for_now_is_tried_again_later(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    steps.errors.append(TemporaryFailure("The relay is busy."))
    run_parts(lane="mail")
    (part,) = job.parts.filter(state=PartState.DELAYED)
    assert part.ready_at > timezone.now()
    assert part.error == "The relay is busy."
    run_to_the_end()
    job.refresh_from_db()
    assert (job.state, len(steps.worked)) == (JobState.DONE, 1)


def test_part_that_crashes_is_tried_again_and_hides_the_details(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    steps.errors.append(ZeroDivisionError("secret"))
    run_parts(lane="mail")
    assert job.parts.get(state=PartState.DELAYED).error == UNEXPECTED


def test_crash_is_named_with_its_attempts_also_when_it_is_the_last(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    steps.errors.extend(ZeroDivisionError(f"{number} by ana@uni.example") for number in (1, 2, 3))
    run_to_the_end()
    part = job.parts.get(state=PartState.FAILED)
    assert part.error == UNEXPECTED
    assert [attempt.error for attempt in part.attempts.order_by("number")] == [
        f"ZeroDivisionError: {number} by [address]" for number in (1, 2, 3)
    ]


def test_part_that_fails_each_time_fails_for_good(steps: Any, school: School) -> None:
    job = steps.submit(school, 4, 1)
    steps.errors.extend(TemporaryFailure("The relay is busy.") for _ in range(5))
    run_to_the_end()
    job.refresh_from_db()
    assert job.state == JobState.PROBLEMS
    assert job.units_done + job.units_failed == 5
    assert job.parts.filter(state=PartState.FAILED, attempt=3).count() == 1


def test_permanent_failure_is_not_tried_again_and_tells_why(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    steps.errors.append(PermanentFailure("The file is empty."))
    run_to_the_end()
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "The file is empty.")
    assert steps.finished == []


def test_failed_plan_fails_the_job(steps: Any, school: School) -> None:
    job = steps.submit(school, 0)
    run_to_the_end()
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, UNEXPECTED)


def test_worker_that_lost_its_lease_changes_nothing(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    lane = switchyard().lanes["mail"]
    lost = claim(lane=lane, worker="first", now=timezone.now())
    assert lost is not None
    Part.objects.update(state=PartState.WAITING, leased_until=None)
    run_to_the_end()
    progress = Progress(part=lost.part, fence=lost.fence)
    assert not ending.complete(lost, seconds=1, progress=progress)
    assert not ending.fail(lost, seconds=1, error="late", progress=progress)
    assert not returning.try_again(lost, seconds=1, error="late", delay_seconds=0)
    job.refresh_from_db()
    assert (job.state, job.units_done) == (JobState.DONE, 1)


def test_hold_of_a_lost_lease_tells_the_work_to_end(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    held = claim(lane=switchyard().lanes["mail"], worker="first", now=timezone.now())
    assert held is not None
    hold = Hold(claim=held, now=timezone.now(), limit=timedelta(minutes=1), grace=timedelta(seconds=5))
    hold.extend(now=timezone.now())
    hold.check()
    Part.objects.update(fence=held.fence + 1)
    hold.extend(now=timezone.now())
    with pytest.raises(PartTaken):
        hold.check()


def test_lease_is_not_extended_beyond_the_time_limit(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    held = claim(lane=switchyard().lanes["mail"], worker="first", now=timezone.now())
    assert held is not None
    now = timezone.now()
    limit = timedelta(seconds=1)
    Hold(claim=held, now=now, limit=limit, grace=limit).extend(now=now)
    assert Part.objects.get(pk=held.part.pk).leased_until == now + limit


def test_standstill_of_the_worker_is_no_time_of_work(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = count(1000.0, 60)  # a minute passes between two looks, and no CPU was used
    monkeypatch.setattr(leases.keeper, "clock", AwakeClock(wall=lambda: next(wall), cpu=lambda: 0.0))
    steps.submit(school, 1)
    run_to_the_end()
    assert max(Part.objects.values_list("seconds", flat=True)) < 10


def test_worker_tells_how_long_it_has_worked_when_it_extends_its_lease(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    held = claim(lane=switchyard().lanes["mail"], worker="first", now=timezone.now())
    assert held is not None
    now, wall = timezone.now(), count(1000.0, 1.5)
    clock = AwakeClock(wall=lambda: next(wall), cpu=lambda: 0.0)
    minute = timedelta(minutes=1)
    hold = Hold(claim=held, now=now, limit=minute, grace=minute, clock=clock)
    hold.extend(now=now)
    assert Part.objects.get(pk=held.part.pk).worked_seconds == 0
    hold.begin(now=now)
    hold.extend(now=now)
    assert Part.objects.get(pk=held.part.pk).worked_seconds == 1.5
    Part.objects.update(state=PartState.WAITING, leased_until=None)
    assert claim(lane=switchyard().lanes["mail"], worker="second", now=now) is not None
    assert Part.objects.get(pk=held.part.pk).worked_seconds == 0


def test_school_is_charged_the_seconds_that_were_used(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    run_to_the_end()
    used = Share.objects.get(lane="mail", school=school).used_seconds
    taken = sum(Part.objects.values_list("seconds", flat=True))
    assert used == pytest.approx(taken, abs=1e-6)


def test_doorbell_too_many_finds_nothing(steps: Any, school: School) -> None:
    assert execution.answer(lane="mail", worker="test") is False
    assert Job.objects.count() == 0


def test_units_reported_are_seen_within_the_part(steps: Any, school: School) -> None:
    steps.submit(school, 10)
    run_parts(lane="mail", limit=10)
    part = Part.objects.filter(step="work").get()
    progress = Progress(part=part, fence=part.fence)
    progress.note(done=4, failed=1)
    assert progress.final(units=10) == (4, 1)
    assert progress.final(units=4) == (4, 0)


def test_part_that_is_left_because_its_job_was_stopped_waits_for_no_lease(
    school: School,
) -> None:
    class Stopped(Kind):
        label, unit = "Stopped", "units"

        def work(self, part: Any) -> None:
            lifecycle.stop(part.job, by=None)
            part._hold.extend(now=timezone.now())
            part.check()

    with kind_in_lane(Stopped, name="tests.stopped", lane="mail"):
        job = submit(kind="tests.stopped", school=school, by=None, arguments={}, key="one")
        assert execution.answer(lane="mail", worker="test")
        job.refresh_from_db()
        part = Part.objects.get()
    assert (job.state, job.parts_open) == (JobState.STOPPED, 0)
    assert (part.state, part.deaths, part.attempt) == (PartState.STOPPED, 0, 0)
