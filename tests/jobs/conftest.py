"""Kinds that the core's tests use."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.test import override_settings

from jobs import versions
from jobs.arguments import Arguments
from jobs.models import Job, School
from jobs.registry import Kind
from jobs.retries import RetryPolicy
from jobs.settings import follow
from jobs.submission import submit
from jobs.testing import kind_in_lane, make_school
from jobs.verbs import PartPlan, WorkingPart
from tests.jobs.slow_jobs import know


class StepsArguments(Arguments):
    """The units of each part."""

    parts: list[int]


class Steps(Kind):
    """Plans the parts that its arguments name, and keeps what it did."""

    label = "Steps"
    unit = "steps"
    arguments = StepsArguments
    retry = RetryPolicy(attempts=3)
    worked: ClassVar[list[Any]]
    finished: ClassVar[list[int]]
    errors: ClassVar[list[Exception]]

    def plan(self, job: Job) -> list[PartPlan]:
        return [
            PartPlan(units=units, arguments={"place": place})
            for place, units in enumerate(job.arguments["parts"])
        ]

    def work(self, part: WorkingPart) -> None:
        part.check()
        if self.errors:
            raise self.errors.pop(0)
        self.worked.append((part.job.school_id, part.arguments["place"]))

    def finish(self, job: Job) -> None:
        self.finished.append(job.pk)

    def submit(self, school: School, *parts: int, key: str = "one", **options: Any) -> Job:
        """Submit a job with parts of these units."""
        arguments = {"parts": list(parts)}
        return submit(kind=self.name, school=school, by=None, arguments=arguments, key=key, **options)


@pytest.fixture
def steps(db: None) -> Iterator[Steps]:
    """The kind `tests.steps` in the lane mail, with nothing done yet."""
    Steps.worked, Steps.finished, Steps.errors = [], [], []
    with kind_in_lane(Steps, name="tests.steps", lane="mail") as kind:
        assert isinstance(kind, Steps)
        yield kind


@pytest.fixture
def live_settings(db: None) -> Iterator[None]:
    """Follow the versions of the settings, as every process of the platform does."""
    follow(versions.newest)
    yield
    follow(None)


@pytest.fixture
def school(db: None) -> School:
    """A school."""
    return make_school()


@pytest.fixture
def slow_companion(steps: Any) -> Iterator[None]:
    """The lane mail has the slow companion bulk; the kind is known to take 0.02 s for a unit."""
    given: dict[str, Any] = settings.SWITCHYARD
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], "slow_companion": "bulk"}}
    know(seconds=0.02)
    with override_settings(SWITCHYARD={**given, "lanes": lanes}):
        yield
