"""A reader that leaves early, as `head` does: no traceback, and what was begun is done."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from django.core.management import call_command
from django.db import connection

from jobs.models import Job, JobState, School

ROOT = Path(__file__).parents[3]


@pytest.fixture
def left() -> Iterator[IO[str]]:
    """The writing end of a pipe that nobody reads any more; each line is written at once."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as pipe:
        yield pipe


@pytest.fixture
def database_url(db: None) -> str:
    """The address of the tests' database."""
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("verb", [("jobs", "list"), ("jobs", "show", "999999"), ("tokens", "list", "--json")])
def test_command_in_a_shell_ends_quietly(
    left: IO[str], database_url: str, verb: tuple[str, ...], unbuffered: str
) -> None:
    given = {"SECRET_KEY": "for-tests", "DATABASE_URL": database_url, "PYTHONUNBUFFERED": unbuffered}
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), *verb],
        env={**os.environ, **given},
        stdout=left,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    missing = "There is no job 999999.\n" if "show" in verb else ""
    assert (ran.returncode, ran.stderr) == (3 if missing else 0, missing)


def test_changes_are_made_though_nobody_reads(left: IO[str], school: School, steps: Any) -> None:
    jobs = [steps.submit(school, 1, key=f"key-{number}") for number in range(3)]
    call_command("jobs", "stop", *[str(job.pk) for job in jobs], stdout=left)
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.STOPPED}
