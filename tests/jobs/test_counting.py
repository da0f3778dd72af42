"""The figures of jobs: the same in every list and on every page, and read with few queries."""

from collections.abc import Container, Iterator, Mapping
from typing import Any, ClassVar

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import counting, lifecycle
from jobs.claiming import claim
from jobs.models import Job, JobState, Part, PartState, School
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.standings import standing_of
from jobs.submission import submit
from jobs.testing import kind_in_lane, run_parts
from jobs.units import Units
from jobs.verbs import WorkingPart


class Doubtful(Kind):
    """Reports units as failed of which its own count knows better."""

    label = "Doubtful"
    unit = "calls"
    units: ClassVar[Units]
    asked: ClassVar[list[tuple[list[int], list[int]]]]

    def work(self, part: WorkingPart) -> None:
        part.report(done=self.units.done, failed=self.units.failed + self.units.uncertain)

    def counted(self, reported: Mapping[Job, Units], *, at_work: Container[int]) -> Mapping[int, Units]:
        ids = [job.pk for job in reported]
        self.asked.append((ids, [pk for pk in ids if pk in at_work]))
        return dict.fromkeys(ids, self.units)


@pytest.fixture
def doubtful(db: None) -> Iterator[type[Doubtful]]:
    """The kind `tests.doubtful` in the lane mail."""
    Doubtful.asked = []
    with kind_in_lane(Doubtful, name="tests.doubtful", lane="mail"):
        yield Doubtful


def call(school: School) -> Job:
    return submit(kind="tests.doubtful", school=school, by=None, arguments={}, key="one", units=3)


def listed(job: Job) -> Units:
    """Return the units as lists show them."""
    read = Job.objects.get(pk=job.pk)
    counting.attach_units([read])
    return read.units


@pytest.mark.parametrize("state", [PartState.WORKING, PartState.WAITING, PartState.STOPPED])
def test_lists_count_the_units_of_unfinished_parts_as_the_jobs_page_does(
    steps: Any, school: School, state: PartState
) -> None:
    job = steps.submit(school, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    held = {"leased_until": timezone.now()} if state == PartState.WORKING else {}
    job.parts.filter(step="work").update(state=state, units_done=4, units_failed=1, **held)
    assert listed(job) == standing_of(job, now=timezone.now()).units == Units(total=10, done=4, failed=1)


def test_list_of_good_ends_costs_one_query_whatever_it_holds(
    steps: Any, school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    jobs = [steps.submit(school, 1, key=str(number)) for number in range(20)]
    with django_assert_num_queries(1):
        counting.attach_units(jobs)
    with django_assert_num_queries(0):
        counting.attach_units([])


def test_uncertain_units_are_not_called_failed(doubtful: type[Doubtful], school: School) -> None:
    doubtful.units = Units(total=3, done=1, failed=1, uncertain=1)
    job = call(school)
    run_parts(lane="mail")
    assert listed(job) == standing_of(job, now=timezone.now()).units == doubtful.units


def test_job_with_nothing_but_uncertain_units_is_done_with_problems(
    doubtful: type[Doubtful], school: School
) -> None:
    doubtful.units = Units(total=3, uncertain=3)
    job = call(school)
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.PROBLEMS, "")


def test_job_with_nothing_but_failed_units_needs_attention(doubtful: type[Doubtful], school: School) -> None:
    doubtful.units = Units(total=3, failed=3)
    job = call(school)
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "None of the 3 calls could be done.")


def test_lists_ask_a_kind_only_where_reports_cannot_tell(doubtful: type[Doubtful], school: School) -> None:
    doubtful.units = Units(total=3, done=2)
    job = call(school)
    assert listed(job) == Units(total=3)
    claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    Part.objects.update(units_failed=1)
    assert listed(job) == doubtful.units
    lifecycle.stop(job, by=None)
    Part.objects.update(state=PartState.STOPPED, leased_until=None, units_failed=0)
    assert listed(job) == doubtful.units
    assert doubtful.asked == [([job.pk], [job.pk]), ([job.pk], [])]


def test_job_of_a_kind_that_is_gone_is_counted_by_its_row(school: School) -> None:
    job = Job.objects.create(
        school=school,
        kind="gone.kind",
        key="1",
        lane="mail",
        created_at=timezone.now(),
        state=JobState.STOPPED,
        ended_at=timezone.now(),
        units_total=5,
        units_done=2,
    )
    assert listed(job) == Units(total=5, done=2)


def test_job_that_was_deleted_meanwhile_shows_nothing(school: School) -> None:
    gone = Job(pk=4_000_000, school=school)
    counting.attach_units([gone])
    assert gone.units == Units()
