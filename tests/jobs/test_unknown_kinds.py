"""Parts of kinds that this release does not know, while another one takes its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from jobs import registry
from jobs.execution import UNKNOWN
from jobs.models import Attempt, Job, School
from jobs.testing import let_time_come, run_parts


@contextmanager
def another_release() -> Iterator[None]:
    """Be a release that does not know the kind of the tests' jobs."""
    with mock.patch.dict(registry._kinds):
        registry.forget("tests.steps")
        yield


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    submitted: Job = steps.submit(school, 1, 1)
    return submitted


def test_part_of_an_unknown_kind_is_left_to_others_and_no_attempt_counts(job: Job) -> None:
    for _ in range(5):  # more often than a part may be tried
        with another_release():
            assert run_parts(lane="mail") == 1
        [part] = job.parts.all()
        assert (part.state, part.attempt, part.error) == ("delayed", 0, UNKNOWN)
        let_time_come()
    assert not Attempt.objects.exists()


def test_who_knows_the_kind_does_it(job: Job, steps: Any) -> None:
    with another_release():
        run_parts(lane="mail")
    let_time_come()
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, len(steps.worked)) == ("done", 2)
