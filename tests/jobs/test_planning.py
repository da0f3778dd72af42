"""A large plan is written in batches, and goes on where it was lost."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from jobs import planning
from jobs.claiming import Claim, claim
from jobs.leases import PartTaken
from jobs.models import Job, JobState, Part, School, Step
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import kind_in_lane, run_parts
from jobs.verbs import PartPlan, WorkingPart


class Large(Kind):
    """Plans five parts, and loses its worker on the way when it is told to."""

    label = "Large"
    unit = "steps"
    lost_after: ClassVar[int | None] = None

    def plan(self, _: Job) -> Iterator[PartPlan]:
        for place in range(5):
            if place == self.lost_after:
                raise SystemExit
            yield PartPlan(units=2, arguments={"place": place})

    def work(self, part: WorkingPart) -> None:
        part.check()


@pytest.fixture
def job(school: School, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    """A job of five parts, planned two at a time."""
    monkeypatch.setattr(planning, "BATCH_PARTS", 2)
    with kind_in_lane(Large, name="tests.large", lane="mail"):
        yield submit(kind="tests.large", school=school, by=None, arguments={}, key="one")


def take() -> Claim:
    """Claim the plan."""
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    return held


def places() -> list[Any]:
    """Return the places of the parts that are written, in order."""
    return [part.arguments["place"] for part in Part.objects.filter(step=Step.WORK).order_by("id")]


def test_workers_can_begin_before_the_plan_is_done(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Large, "lost_after", 3)
    with pytest.raises(SystemExit):
        planning.plan(take(), Large().plan(job))
    assert places() == [0, 1]
    assert claim(lane=switchyard().lanes["mail"], worker="other", now=timezone.now()) is not None


def test_plan_that_was_lost_goes_on_where_it_was(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Large, "lost_after", 3)
    held = take()
    with pytest.raises(SystemExit):
        planning.plan(held, Large().plan(job))
    monkeypatch.setattr(Large, "lost_after", None)
    planning.plan(held, Large().plan(job))
    assert places() == [0, 1, 2, 3, 4]


def test_plan_that_is_no_longer_ours_writes_nothing(job: Job) -> None:
    held = take()
    Part.objects.update(fence=held.fence + 1)
    with pytest.raises(PartTaken):
        planning.plan(held, Large().plan(job))
    assert places() == []


def test_units_are_exact_once_all_are_planned(job: Job) -> None:
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.units_total, job.units_done) == (JobState.DONE, 10, 10)
