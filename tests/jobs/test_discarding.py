"""What a failed or stopped job leaves behind is thrown away, once, when nobody is at it any more."""

from collections.abc import Iterator
from typing import ClassVar

import pytest
from django.utils import timezone

from jobs import discarding, lifecycle
from jobs.claiming import claim
from jobs.discarding import discard_left_behind
from jobs.models import Job, PartState, School
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.supervision import free_lost_leases, sweep
from jobs.testing import kind_in_lane, run_parts
from jobs.verbs import WorkingPart


class Littering(Kind):
    """Notes for which jobs it was asked to throw away what is left."""

    label = "Littering"
    unit = "units"
    discarded: ClassVar[list[int]]
    error: ClassVar[Exception | None]

    def work(self, part: WorkingPart) -> None:
        """Do nothing."""

    def discard(self, job: Job) -> None:
        self.discarded.append(job.pk)
        if self.error:
            raise self.error


@pytest.fixture
def job(school: School) -> Iterator[Job]:
    Littering.discarded, Littering.error = [], None
    with kind_in_lane(Littering, name="tests.littering", lane="mail"):
        yield ask(school, key="one")


def ask(school: School, *, key: str) -> Job:
    return submit(kind="tests.littering", school=school, by=None, arguments={}, key=key)


def test_supervision_discards_a_stopped_job_once(job: Job) -> None:
    lifecycle.stop(job, by=None)
    sweep(now=timezone.now())
    sweep(now=timezone.now())
    assert Littering.discarded == [job.pk]
    job.refresh_from_db()
    assert job.discarded_at is not None


def test_job_that_ended_well_or_is_open_is_left_alone(job: Job, school: School) -> None:
    assert discard_left_behind(now=timezone.now()) == 0
    run_parts(lane="mail")
    assert discard_left_behind(now=timezone.now()) == 0
    assert Littering.discarded == []


def test_part_at_work_is_waited_for(job: Job) -> None:
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    lifecycle.stop(job, by=None)
    assert discard_left_behind(now=timezone.now()) == 0
    job.parts.update(leased_until=timezone.now())
    free_lost_leases(now=timezone.now())
    assert job.parts.get().state == PartState.STOPPED
    assert discard_left_behind(now=timezone.now()) == 1


def test_job_that_is_stopped_again_after_a_retry_is_discarded_again(job: Job) -> None:
    for _ in range(2):
        lifecycle.stop(job, by=None)
        discard_left_behind(now=timezone.now())
        lifecycle.retry(job, by=None)
    assert Littering.discarded == [job.pk, job.pk]


def test_kind_that_cannot_discard_holds_up_nobody(job: Job, school: School) -> None:
    other = ask(school, key="two")
    for each in (job, other):
        lifecycle.stop(each, by=None)
    Littering.error = OSError("The disk is away.")
    assert discard_left_behind(now=timezone.now()) == 2
    assert discard_left_behind(now=timezone.now()) == 0
    assert Littering.discarded == [job.pk, other.pk]


def test_one_sweep_looks_at_a_bounded_number_of_jobs(
    job: Job, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discarding, "MOST_JOBS", 2)
    for each in (job, *(ask(school, key=key) for key in ("two", "three"))):
        lifecycle.stop(each, by=None)
    assert discard_left_behind(now=timezone.now()) == 2
    assert discard_left_behind(now=timezone.now()) == 1


def test_job_whose_kind_is_gone_is_marked_and_forgotten(job: Job) -> None:
    lifecycle.stop(job, by=None)
    Job.objects.update(kind="tests.gone")
    assert discard_left_behind(now=timezone.now()) == 1
    assert discard_left_behind(now=timezone.now()) == 0
