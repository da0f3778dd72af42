"""Workers that stand still, frozen or in native code: their supervisor puts others in their place."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from jobs.testing import wait_until
from tests.databases import make_database

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
STANDS_AT_MOST_SECONDS = 60
"""So long a lane may stand: 11 to 19 seconds were measured, 51 on a machine with forty programs at work.

Without another worker it stands for ever.
"""
SETTINGS = """
from tests.faults.settings import *
from tests.faults.settings import SWITCHYARD as ALL

LANES = {
    "mail": {"workers": 1, "pool": "threads", "promise_seconds": 60},
    "packets": {"workers": 1, "pool": "prefork", "promise_seconds": 300},
}
ROUTES = [rule if rule["lane"] in LANES else {**rule, "lane": "mail"} for rule in ALL["routes"]]
SWITCHYARD = {**ALL, "lanes": LANES, "routes": [rule for rule in ROUTES if "probe" not in rule["kind"]]}
SWITCHYARD["routes"] += [{"kind": f"faults.probe.{lane}", "lane": lane} for lane in LANES]
"""
SUBMIT = """
import sys
import django
django.setup()
from jobs.models import School
from jobs.submission import submit
kind, key, parts, pause = sys.argv[1:]
school, _ = School.objects.get_or_create(name="Frozen", slug="frozen")
arguments = {"parts": [1] * int(parts), "pause": float(pause), "puts_off": [], "refuses": []}
submit(kind=kind, school=school, by=None, arguments=arguments, key=key)
"""

LEASES = "SELECT leased_until FROM jobs_part WHERE state = 'working'"
CANCEL = """
import sys
import django
django.setup()
from celery import current_app
lane, worker = sys.argv[1:]
print(current_app.control.cancel_consumer(lane, destination=[worker], reply=True, timeout=10))
"""

pytestmark = pytest.mark.journey


class Platform:
    """A supervisor with a worker of threads and one of a forked child, and their database."""

    def __init__(self, *, environment: dict[str, str]) -> None:
        """Start the supervisor."""
        self._environment = environment
        self._manage("migrate", "--verbosity=0")
        command = [sys.executable, str(ROOT / "manage.py"), "supervisor"]
        self.supervisor = psutil.Popen(command, env=environment)
        self._database = psycopg2.connect(environment["DATABASE_URL"])
        self._database.autocommit = True
        wait_until(lambda: len(self.present()) == 2, seconds=START_SECONDS)

    def _manage(self, *words: str) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        subprocess.run(command, env=self._environment, check=True)

    def query(self, sql: str) -> list[tuple[str, ...]]:
        with self._database.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def present(self) -> list[str]:
        names = self.query("SELECT name FROM jobs_workerpresence ORDER BY started_at DESC")
        return [name for (name,) in names]

    def worker(self, lane: str) -> psutil.Process:
        """Return the lane's newest worker."""
        name = next(name for name in self.present() if name.startswith(f"{lane}@"))
        return psutil.Process(int(name.rpartition("-")[2]))

    def submit(self, kind: str, *, key: str, parts: int = 1, pause: float = 0) -> None:
        command = [sys.executable, "-c", SUBMIT, kind, key, str(parts), str(pause)]
        subprocess.run(command, env=self._environment, check=True)

    def make_deaf(self, lane: str) -> psutil.Process:
        """Let the lane's worker take no doorbells any more, and return it."""
        deaf = self.worker(lane)
        name = next(name for name in self.present() if name.endswith(f"-{deaf.pid}"))
        command = [sys.executable, "-c", CANCEL, lane, name]
        answer = subprocess.run(command, env=self._environment, check=True, capture_output=True, text=True)
        assert "no longer consuming" in answer.stdout
        return deaf

    def is_at_work(self, key: str) -> bool:
        return ("work",) in self.query(
            f"SELECT step FROM jobs_part JOIN jobs_job job ON job.id = job_id"  # noqa: S608
            f" WHERE job.key = '{key}' AND jobs_part.state = 'working'"
        )

    def is_done(self, key: str) -> bool:
        return self.query(f"SELECT state FROM jobs_job WHERE key = '{key}'") == [("done",)]  # noqa: S608

    def close(self) -> None:
        self._database.close()
        self.supervisor.terminate()
        self.supervisor.wait(timeout=30)


@pytest.fixture(scope="module")
def platform(postgres: str, valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One for all tests of this file."""
    folder = tmp_path_factory.mktemp("frozen")
    (folder / "frozen_settings.py").write_text(SETTINGS)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}:{folder}",
        "DJANGO_SETTINGS_MODULE": "frozen_settings",
        "FAULTS_EFFECTS_FOLDER": str(folder),
        "SECRET_KEY": "for-tests",
        "SWITCHYARD_VAR": str(folder),
        "DATABASE_URL": make_database(postgres, name="frozen"),
        "BROKER_URL": f"{valkey.rpartition('/')[0]}/8",
    }
    running = Platform(environment=environment)
    yield running
    running.close()


def seconds_until_done(platform: Platform, key: str, *, since: float) -> float:
    wait_until(lambda: platform.is_done(key), seconds=START_SECONDS)
    return time.monotonic() - since


@pytest.mark.parametrize(("lane", "kind"), [("mail", "faults.threads"), ("packets", "faults.forks")])
def test_lane_of_a_frozen_worker_goes_on_with_another_one(platform: Platform, lane: str, kind: str) -> None:
    frozen = platform.worker(lane)
    children = frozen.children()
    for process in (frozen, *children):
        process.suspend()
    began = time.monotonic()
    platform.submit(kind, key=f"frozen {lane}")
    assert seconds_until_done(platform, f"frozen {lane}", since=began) < STANDS_AT_MOST_SECONDS
    assert frozen.pid != platform.worker(lane).pid
    _, left = psutil.wait_procs([frozen, *children], timeout=20)
    assert left == []


def test_worker_with_a_frozen_child_gets_another_child(platform: Platform) -> None:
    worker = platform.worker("packets")
    platform.submit("faults.forks", key="child", parts=2, pause=1)
    wait_until(lambda: platform.is_at_work("child"), seconds=START_SECONDS)
    (frozen,) = worker.children()
    frozen.suspend()
    began = time.monotonic()
    assert seconds_until_done(platform, "child", since=began) < STANDS_AT_MOST_SECONDS
    assert platform.worker("packets") == worker
    assert frozen.pid not in {child.pid for child in worker.children()}


def test_part_of_a_killed_child_is_offered_again_with_what_is_known(platform: Platform) -> None:
    platform.submit("faults.forks", key="killed", pause=4)
    wait_until(lambda: platform.is_at_work("killed"), seconds=START_SECONDS)
    # Once the lease was extended, the child has surely told its worker what it is at.
    first = platform.query(LEASES)
    wait_until(lambda: platform.query(LEASES) != first, seconds=START_SECONDS)
    (child,) = platform.worker("packets").children()
    child.kill()
    wait_until(lambda: platform.is_done("killed"), seconds=START_SECONDS)
    assert platform.query(
        "SELECT attempt.error FROM jobs_attempt attempt JOIN jobs_part part ON part.id = part_id"
        " JOIN jobs_job job ON job.id = job_id WHERE job.key = 'killed'"
    ) == [("The process that did it was ended by signal 9 (SIGKILL).",)]


@pytest.mark.parametrize("kind", ["faults.stuck.threads", "faults.stuck.forks"])
def test_part_that_is_stuck_in_native_code_is_taken_over(platform: Platform, kind: str) -> None:
    platform.submit(kind, key=kind)
    wait_until(lambda: platform.is_at_work(kind), seconds=START_SECONDS)
    assert seconds_until_done(platform, kind, since=time.monotonic()) < STANDS_AT_MOST_SECONDS


def test_frozen_worker_that_wakes_before_it_is_given_up_goes_on(platform: Platform) -> None:
    worker = platform.worker("mail")
    platform.submit("faults.threads", key="short", parts=1, pause=4)
    wait_until(lambda: platform.is_at_work("short"), seconds=START_SECONDS)
    worker.suspend()
    worker.send_signal(signal.SIGCONT)
    wait_until(lambda: platform.is_done("short"), seconds=START_SECONDS)
    assert platform.worker("mail") == worker


@pytest.mark.parametrize(("lane", "kind"), [("mail", "faults.threads"), ("packets", "faults.forks")])
def test_lane_of_a_worker_that_takes_no_doorbells_goes_on_with_another_one(
    platform: Platform, lane: str, kind: str
) -> None:
    deaf = platform.make_deaf(lane)
    platform.submit(kind, key=f"deaf {lane}")
    wait_until(lambda: platform.is_done(f"deaf {lane}"), seconds=START_SECONDS)
    assert platform.worker(lane) != deaf
    assert psutil.wait_procs([deaf], timeout=20)[1] == []
