"""Jobs that follow others, while several transactions are at work at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import ending, lifecycle
from jobs.claiming import Claim, claim_many
from jobs.ending_together import Finished, complete_many
from jobs.models import Job, JobState, Part, PartState, School
from jobs.progress import Progress
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import heard_doorbells, kind_in_lane, wait_until
from jobs.verbs import WorkingPart

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 20
BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted"


class Small(Kind):
    """One part that does nothing."""

    label = "Small"
    unit = "units"

    def work(self, part: WorkingPart) -> None:
        part.check()


@pytest.fixture
def small() -> Iterator[Kind]:
    """The kind `tests.small` in the lane mail."""
    with kind_in_lane(Small, name="tests.small", lane="mail") as kind, heard_doorbells():
        yield kind


@pytest.fixture
def school() -> School:
    """A school whose rows outlive a transaction."""
    return School.objects.create(name="Follow", slug="follow")


def submit_small(school: School, key: str, **options: Any) -> Job:
    return submit(kind="tests.small", school=school, by=None, arguments={}, key=key, **options)


def claimed(most: int) -> list[Claim]:
    return claim_many(lane=switchyard().lanes["mail"], worker="test", now=timezone.now(), most=most)


def complete(held: Claim) -> bool:
    progress = Progress(part=held.part, fence=held.fence)
    return ending.complete(held, seconds=1, progress=progress)


Beside = Callable[[Callable[[], object]], "Future[object]"]


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Start a call on another connection; it has ended or waits for a lock when that returns."""
    with ThreadPoolExecutor(1) as pool:

        def start(call: Callable[[], object]) -> "Future[object]":
            future = pool.submit(_on_its_own_connection, call)
            wait_until(lambda: future.done() or blocked() > 0)
            return future

        yield start


def _on_its_own_connection(call: Callable[[], object]) -> object:
    try:
        return call()
    finally:
        connection.close()


def blocked() -> int:
    with connection.cursor() as cursor:
        cursor.execute(BLOCKED)
        return int(cursor.fetchone()[0])


def part_state(job: Job) -> str:
    return Part.objects.get(job=job).state


def test_follower_of_two_jobs_that_end_at_once_is_let_go(small: Kind, school: School, beside: Beside) -> None:
    first, second = submit_small(school, "first"), submit_small(school, "second")
    follower = submit_small(school, "follower", after=[first, second])
    with transaction.atomic():
        lifecycle.end(first, state=JobState.DONE)
        other = beside(lambda: lifecycle.end(second, state=JobState.DONE))
    other.result(timeout=SECONDS)
    assert part_state(follower) == PartState.WAITING


def test_follower_resumed_while_the_other_job_ends_is_let_go(
    small: Kind, school: School, beside: Beside
) -> None:
    first = submit_small(school, "first")
    follower = submit_small(school, "follower", after=[first])
    lifecycle.pause(follower, by=None)
    with transaction.atomic():
        lifecycle.resume(follower, by=None)
        other = beside(lambda: lifecycle.end(first, state=JobState.DONE))
    other.result(timeout=SECONDS)
    assert part_state(follower) == PartState.WAITING


def test_submission_that_follows_a_job_does_not_lock_out_its_end(
    small: Kind, school: School, beside: Beside
) -> None:
    first = submit_small(school, "first")
    [held] = claimed(1)
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=first.pk)
        other = beside(lambda: submit_small(school, "follower", after=[first]))
        assert complete(held)
    other.result(timeout=SECONDS)
    assert part_state(Job.objects.get(key="follower")) == PartState.WAITING


def test_follower_submitted_while_tiny_jobs_end_together_is_let_go(
    small: Kind, school: School, beside: Beside
) -> None:
    jobs = [submit_small(school, str(number)) for number in range(2)]
    finished = [
        Finished(held=held, seconds=1, progress=Progress(part=held.part, fence=held.fence))
        for held in claimed(2)
    ]
    with transaction.atomic():
        follower = submit_small(school, "follower", after=jobs[:1])
        other = beside(lambda: complete_many(finished))
    other.result(timeout=SECONDS)
    assert part_state(follower) == PartState.WAITING
