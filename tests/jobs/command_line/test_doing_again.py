"""`manage.py jobs`: submitting with times, with a key once more, and retrying."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from jobs import lifecycle
from jobs.management.verbs.exits import Exit
from jobs.models import Job, School

Run = Callable[..., Any]


def asking(school: School, *more: object) -> tuple[object, ...]:
    return ("submit", "--school", school.slug, "--kind", "tests.steps", "--key", "one", *more)


def test_command_with_spans_may_run_once_more(jobs_command: Run, school: School, steps: Any) -> None:
    command = asking(school, "--arguments", '{"parts": [1]}', "--not-before", "2h", "--deadline", "3h")
    first = jobs_command(*command, "--json")
    with time_machine.travel(timezone.now() + timedelta(hours=4)):
        again = jobs_command(*command, "--json")
    assert (first.exit, again.exit) == (Exit.DONE, Exit.DONE)
    assert again.document["not_before_at"] == first.document["not_before_at"]
    other = jobs_command(*command[:-1], "5h")
    assert other.exit == Exit.REFUSED
    assert "another deadline" in other.error


@pytest.mark.parametrize("change", [("--priority", "5"), ("--title", "Another")])
def test_key_with_another_option_is_refused(
    jobs_command: Run, school: School, steps: Any, change: tuple[str, str]
) -> None:
    command = asking(school, "--arguments", '{"parts": [1]}')
    jobs_command(*command, "--title", "Fair")
    ran = jobs_command(*command, *change)
    assert ran.exit == Exit.REFUSED
    assert f"another {change[0].removeprefix('--')}" in ran.error


def test_retry_says_what_it_does_and_refuses_uncertain_units_that_cannot_be(
    jobs_command: Run, school: School, steps: Any
) -> None:
    job = steps.submit(school, 2)
    lifecycle.stop(job, by=None)
    refused = jobs_command("retry", job.pk, "--uncertain")
    assert refused.exit == Exit.REFUSED
    assert "can be uncertain; retry it without" in refused.error
    ran = jobs_command("retry", job.pk)
    assert ran.text.endswith("is waiting. What failed or was stopped is done again; what is done stays.\n")


@pytest.mark.parametrize("far", [("--not-before", "9999-12-31T23:59:59Z"), ("--deadline", "3000d")])
def test_time_that_is_too_far_away_is_refused(
    jobs_command: Run, school: School, steps: Any, far: tuple[str, str]
) -> None:
    ran = jobs_command(*asking(school, "--arguments", '{"parts": [1]}', *far))
    assert ran.exit == Exit.INVALID
    assert ran.error.startswith(far[0].removeprefix("--").replace("-", "_"))
    assert "is more than 5 years away; give an earlier time, or none." in ran.error
    assert not Job.objects.exists()
