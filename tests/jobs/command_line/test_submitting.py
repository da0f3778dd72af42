"""`manage.py jobs submit`: what it takes for a job's title and arguments."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.management.verbs.exits import Exit
from jobs.models import Job, School

Run = Callable[..., Any]


def asking(school: School, *more: object) -> tuple[object, ...]:
    return ("submit", "--school", school.slug, "--kind", "tests.steps", "--key", "one", *more)


def test_blank_title_is_none(jobs_command: Run, school: School, steps: Any) -> None:
    ran = jobs_command(*asking(school, "--arguments", '{"parts": [1]}', "--title", "  "))
    job = Job.objects.get()
    assert ran.text == f"Job {job.pk} “tests.steps {job.pk}” was submitted; it is waiting.\n"


def test_arguments_come_from_a_file_or_from_standard_input(
    jobs_command: Run, school: School, steps: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "given.json").write_text('{"parts": [1]}')
    monkeypatch.setattr("sys.stdin", io.StringIO('{"parts": [1]}'))
    assert jobs_command(*asking(school, "--arguments", f"@{tmp_path}/given.json")).exit == Exit.DONE
    assert jobs_command(*asking(school, "--arguments", "-")).exit == Exit.DONE
    assert Job.objects.get().arguments == {"parts": [1]}


def test_key_with_other_arguments_is_refused(jobs_command: Run, school: School, steps: Any) -> None:
    jobs_command(*asking(school, "--arguments", '{"parts": [1]}'))
    ran = jobs_command(*asking(school, "--arguments", '{"parts": [2]}'))
    assert ran.exit == Exit.REFUSED
    assert "choose another key" in ran.error


def test_kind_of_the_platform_alone_is_refused_and_not_proposed(
    jobs_command: Run, school: School, steps: Any
) -> None:
    ran = jobs_command(*asking(school, "--kind", "jobs.canary"))
    assert ran.exit == Exit.INVALID
    said = (
        "kind: Only the platform itself starts jobs of the kind 'jobs.canary'; choose one of: emails.code, "
    )
    assert ran.error.startswith(said)
    ran = jobs_command(*asking(school, "--kind", "jobs.canry"))
    assert ran.exit == Exit.INVALID
    assert ran.error.startswith("There is no kind 'jobs.canry'; there are: emails.code, ")
    assert "jobs.canary" not in ran.error
    assert not Job.objects.exists()
