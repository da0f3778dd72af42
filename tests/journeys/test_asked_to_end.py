"""A worker that is asked to end together with its children, as a service manager does."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import environment_of

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
SUBMIT = """
import django
django.setup()
from jobs.models import School
from jobs.submission import submit
arguments = {"parts": [100], "pause": 0.2, "puts_off": [], "refuses": []}
school = School.objects.create(name="Asked", slug="asked")
submit(kind="faults.forks", school=school, by=None, arguments=arguments, key="one")
"""

pytestmark = pytest.mark.journey


@pytest.fixture
def environment(postgres: str, migrated: str, valkey: str, tmp_path: Path) -> dict[str, str]:
    """An empty platform whose kinds note each unit in a file."""
    return environment_of(
        tmp_path,
        DATABASE_URL=make_database(postgres, name="asked", like=migrated),
        BROKER_URL=f"{valkey.rpartition('/')[0]}/7",
    )


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[psutil.Popen]:
    """A worker of two children, one of them at work."""
    process = psutil.Popen([sys.executable, str(ROOT / "manage.py"), "worker", "packets"], env=environment)
    try:
        subprocess.run([sys.executable, "-c", SUBMIT], env=environment, check=True)
        noted = Path(environment["FAULTS_EFFECTS_FOLDER"]) / "effects.log"
        wait_until(lambda: noted.exists() and "unit" in noted.read_text(), seconds=START_SECONDS)
        yield process
    finally:
        if process.poll() is None:
            for left in (*process.children(), process):
                left.kill()
            process.wait()


def test_part_of_a_child_that_was_ended_with_its_worker_is_handed_back_at_once(
    environment: dict[str, str], worker: psutil.Popen
) -> None:
    for process in (*worker.children(), worker):
        process.terminate()
    assert worker.wait(timeout=30) == 0
    database = psycopg2.connect(environment["DATABASE_URL"])
    with database.cursor() as cursor:
        cursor.execute("SELECT state, deaths FROM jobs_part WHERE step = 'work'")
        assert cursor.fetchall() == [("waiting", 0)]
        cursor.execute("SELECT outcome FROM jobs_attempt")
        assert cursor.fetchall() == [("handed back",)]
    database.close()
