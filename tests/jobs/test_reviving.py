"""A retry: what failed is done again, within done parts too, and what is done stays done."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from jobs import ending, lifecycle, returning
from jobs.claiming import claim
from jobs.forgetting import forgetting
from jobs.lifecycle import CannotChange, RetryOtherFirst
from jobs.models import Job, JobState, PartState, School, Step
from jobs.progress import Figures, Progress, write
from jobs.registry import Kind
from jobs.retries import PermanentFailure
from jobs.reviving import can_be_retried
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import kind_in_lane, run_parts
from jobs.verbs import PartPlan, WorkingPart


class Patchy(Kind):
    """Does its parts but for the last unit of each, until it is mended."""

    label = "Patchy"
    unit = "units"
    mended: ClassVar[bool]
    revived: ClassVar[int]

    def plan(self, _: Job) -> list[PartPlan]:
        return [PartPlan(units=3), PartPlan(units=3)]

    def work(self, part: WorkingPart) -> None:
        failed = 0 if self.mended else 1
        part.report(done=part.units - failed, failed=failed)

    def can_revive(self, job: Job) -> bool:
        return job.units_failed > 0

    def revive(self, job: Job) -> list[PartPlan]:
        type(self).revived += 1
        return [PartPlan(units=1, arguments={"again": True}) for _ in range(job.units_failed)]


class Whole(Patchy):
    """Does all of it again, with another plan."""

    starts_over = True
    parts: ClassVar[int]
    finished: ClassVar[int]

    def plan(self, _: Job) -> list[PartPlan]:
        return [PartPlan(units=3)] * self.parts

    def finish(self, _: Job) -> None:
        type(self).finished += 1

    def revive(self, _: Job) -> list[PartPlan]:
        type(self).revived += 1
        return []


@pytest.fixture
def patchy(db: None) -> Iterator[Patchy]:
    Patchy.mended, Patchy.revived = False, 0
    with kind_in_lane(Patchy, name="tests.patchy", lane="mail") as kind:
        assert isinstance(kind, Patchy)
        yield kind


@pytest.fixture
def whole(db: None) -> Iterator[Whole]:
    Whole.mended, Whole.revived, Whole.parts, Whole.finished = False, 0, 2, 0
    with kind_in_lane(Whole, name="tests.whole", lane="mail") as kind:
        assert isinstance(kind, Whole)
        yield kind


def ask(kind: Kind, school: School) -> Job:
    return submit(kind=kind.name, school=school, by=None, arguments={}, key="one")


def run(job: Job) -> tuple[str, int, int, int, int]:
    run_parts(lane="mail")
    job.refresh_from_db()
    return job.state, job.units_total, job.units_done, job.units_failed, job.parts_open


def test_units_that_failed_within_done_parts_are_done_again(patchy: Patchy, school: School) -> None:
    job = ask(patchy, school)
    assert run(job) == (JobState.PROBLEMS, 6, 4, 2, 0)
    Patchy.mended = True
    lifecycle.retry(job, by=None)
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed, job.parts_open) == (JobState.WORKING, 4, 0, 2)
    assert run(job) == (JobState.DONE, 6, 6, 0, 0)
    assert job.parts.filter(is_revived=True).count() == 2


def test_units_that_fail_again_are_counted_once(patchy: Patchy, school: School) -> None:
    job = ask(patchy, school)
    run(job)
    lifecycle.retry(job, by=None)
    assert run(job) == (JobState.PROBLEMS, 6, 4, 2, 0)


def test_plan_that_is_done_again_does_not_count_revived_units_twice(patchy: Patchy, school: School) -> None:
    job = ask(patchy, school)
    run(job)
    job.parts.filter(step=Step.PLAN).update(state=PartState.FAILED, planned=2)
    Patchy.mended = True
    lifecycle.retry(job, by=None)
    assert run(job) == (JobState.DONE, 6, 6, 0, 0)


def test_job_without_failures_is_not_retried(patchy: Patchy, school: School) -> None:
    Patchy.mended = True
    job = ask(patchy, school)
    assert run(job)[0] == JobState.DONE
    assert not can_be_retried(job)
    with pytest.raises(CannotChange, match="its state is “Done”"):
        lifecycle.retry(job, by=None)
    assert Patchy.revived == 0


def test_retry_that_finds_nothing_to_do_changes_nothing(
    patchy: Patchy, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(patchy, school)
    before = run(job)
    monkeypatch.setattr(Patchy, "revive", lambda *_: [])
    with pytest.raises(CannotChange, match="nothing of it is left to do"):
        lifecycle.retry(job, by=None)
    job.refresh_from_db()
    assert (job.state, job.units_total, job.units_done, job.units_failed, job.parts_open) == before
    assert not job.events.filter(what="retried").exists()


def test_open_job_cannot_be_retried(patchy: Patchy, school: School) -> None:
    assert not can_be_retried(ask(patchy, school))


def test_finish_that_failed_comes_after_what_is_done_again(steps: Any, school: School) -> None:
    steps.errors.append(PermanentFailure("No such student."))
    job = steps.submit(school, 1, 1)
    run(job)
    job.parts.filter(step=Step.FINISH).update(state=PartState.FAILED)
    steps.finished.clear()
    lifecycle.retry(job, by=None)
    assert list(job.parts.filter(state=PartState.WAITING).values_list("step", flat=True)) == [Step.WORK]
    assert run(job)[0] == JobState.DONE
    assert steps.finished == [job.pk]


def test_finish_that_failed_alone_is_done_again_alone(steps: Any, school: School) -> None:
    job = steps.submit(school, 1, 1)
    run(job)
    job.parts.filter(step=Step.FINISH).update(state=PartState.FAILED)
    Job.objects.update(state=JobState.FAILED)
    steps.finished.clear()
    lifecycle.retry(job, by=None)
    assert run(job)[0] == JobState.DONE
    assert (steps.finished, len(steps.worked)) == ([job.pk], 2)


def test_kind_that_starts_over_does_all_of_it_again(whole: Whole, school: School) -> None:
    job = ask(whole, school)
    assert run(job) == (JobState.PROBLEMS, 6, 4, 2, 0)
    Whole.mended, Whole.parts = True, 1
    lifecycle.retry(job, by=None)
    job.refresh_from_db()
    assert (job.units_done, job.units_failed, job.parts_open) == (0, 0, 1)
    assert run(job) == (JobState.DONE, 3, 3, 0, 0)
    assert (Whole.revived, Whole.finished) == (1, 2)
    assert job.parts.filter(state=PartState.RETIRED).count() == 3


def test_parts_that_were_replaced_are_never_offered_again(whole: Whole, school: School) -> None:
    job = ask(whole, school)
    run(job)
    lifecycle.retry(job, by=None)
    assert run(job) == (JobState.PROBLEMS, 6, 4, 2, 0)
    Whole.mended = True
    lifecycle.retry(job, by=None)
    assert run(job) == (JobState.DONE, 6, 6, 0, 0)
    assert job.parts.filter(state=PartState.RETIRED).count() == 6


def test_part_at_work_when_its_job_starts_over_counts_for_nothing(whole: Whole, school: School) -> None:
    job = ask(whole, school)
    lane = switchyard().lanes["mail"]
    plan = claim(lane=lane, worker="test", now=timezone.now())
    assert plan is not None
    lifecycle.stop(job, by=None)
    job.parts.filter(pk=plan.part.pk).update(state=PartState.STOPPED, leased_until=None)
    lifecycle.retry(job, by=None)
    progress = Progress(part=plan.part, fence=plan.fence)
    assert not ending.complete(plan, seconds=1, progress=progress)
    Whole.mended = True
    assert run(job) == (JobState.DONE, 6, 6, 0, 0)


def test_retried_job_has_no_deadline_that_passed_and_may_be_thrown_away_again(
    steps: Any, school: School
) -> None:
    steps.errors.append(PermanentFailure("No."))
    job = steps.submit(school, 1)
    run(job)
    past = timezone.now() - timedelta(days=1)
    Job.objects.update(deadline_at=past, discarded_at=past)
    lifecycle.retry(job, by=None)
    job.refresh_from_db()
    assert (job.deadline_at, job.discarded_at, job.ended_at) == (None, None, None)


def test_retried_follower_still_waits_for_the_job_it_follows(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    second = steps.submit(school, 1, key="second", after=[first])
    lifecycle.stop(second, by=None)
    lifecycle.stop(first, by=None)
    lifecycle.retry(first, by=None)
    lifecycle.retry(second, by=None)
    assert [part.state for part in second.parts.all()] == [PartState.HELD]
    assert run(second)[0] == JobState.DONE


def test_follower_of_a_job_that_did_not_end_well_is_not_retried(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    second = steps.submit(school, 1, key="second", after=[first])
    lifecycle.stop(first, by=None)
    second.refresh_from_db()
    with pytest.raises(RetryOtherFirst) as refused:
        lifecycle.retry(second, by=None)
    assert str(refused.value) == (
        f"“{second}” cannot be retried: it follows “{first}” (job {first.pk}), which ended as: Stopped. "
        "Retry that one first."
    )
    second.refresh_from_db()
    assert (second.state, [part.state for part in second.parts.all()]) == ("failed", [PartState.STOPPED])
    assert not second.events.filter(what="retried").exists()


def test_follower_of_a_job_that_is_gone_is_retried(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    second = steps.submit(school, 1, key="second", after=[first])
    lifecycle.stop(first, by=None)
    with forgetting():
        first.delete()
    second.refresh_from_db()
    lifecycle.retry(second, by=None)
    lifecycle.pause(second, by=None)
    lifecycle.resume(second, by=None)
    assert run(second)[0] == JobState.DONE


def test_units_that_a_stopped_part_had_done_are_not_counted_off(steps: Any, school: School) -> None:
    job = steps.submit(school, 3)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    write({held.part.pk: Figures(fence=held.fence, done=2, failed=0)})
    returning.hand_back(held, seconds=1, progress=Progress(part=held.part, fence=held.fence))
    lifecycle.stop(job, by=None)
    lifecycle.retry(job, by=None)
    assert run(job) == (JobState.DONE, 3, 3, 0, 0)
