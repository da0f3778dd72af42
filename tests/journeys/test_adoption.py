"""Workers survive the death of their supervisor: they work on, and the next one takes them over."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import START_SECONDS, Platform

KINDS = ("faults.threads", "faults.forks")
PARTS = 20
DONE = "SELECT count(*) FROM jobs_part WHERE state = 'done'"
pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adoption")


@pytest.fixture(scope="module")
def running(postgres: str, migrated: str, valkey: str, folder: Path) -> Iterator[Platform]:
    """One for all tests of this file."""
    started = Platform(
        folder=folder,
        database=make_database(postgres, name="adoption", like=migrated),
        broker=f"{valkey.rpartition('/')[0]}/11",
        workers=1,
    )
    yield started
    started.close()


@pytest.fixture
def platform(running: Platform) -> Iterator[Platform]:
    """The platform with a supervisor, also where the test before left none."""
    yield running
    if running.supervisor.poll() is not None:
        running.start_supervisor()
    wait_until(lambda: is_kept(running), seconds=START_SECONDS)


def is_kept(platform: Platform, *, is_adopted: bool | None = None) -> bool:
    """Say whether the supervisor that lives has a worker in each lane, adopted or started as asked for."""
    sql = "SELECT supervisor, worker, is_adopted FROM jobs_keptlane"
    present = set(platform.present())
    return [
        supervisor == platform.supervisor.pid and worker in present and is_adopted in {None, adopted}
        for supervisor, worker, adopted in platform.query(sql)
    ] == [True, True]


def kill_supervisor(platform: Platform) -> None:
    platform.supervisor.kill()
    platform.supervisor.wait()


def adopt(platform: Platform) -> None:
    """Kill the supervisor, and start another one that takes the workers over."""
    kill_supervisor(platform)
    platform.start_supervisor()
    wait_until(lambda: is_kept(platform, is_adopted=True), seconds=START_SECONDS)


def done(platform: Platform) -> int:
    [(count,)] = platform.query(DONE)
    return int(count)


def test_workers_work_on_without_a_supervisor_and_the_next_one_takes_them_over(
    platform: Platform, folder: Path
) -> None:
    workers = platform.workers()
    for kind in KINDS:
        platform.submit(kind, key=f"adopted {kind}", parts=PARTS, pause=0.3)
        wait_until(lambda: platform.is_at_work(f"adopted {kind}"), seconds=START_SECONDS)  # noqa: B023  (in this round)
    kill_supervisor(platform)
    before = done(platform)
    wait_until(lambda: done(platform) >= before + 6, seconds=START_SECONDS)
    platform.start_supervisor()
    wait_until(lambda: is_kept(platform, is_adopted=True), seconds=START_SECONDS)
    wait_until(lambda: all(platform.is_done(f"adopted {kind}") for kind in KINDS), seconds=START_SECONDS)
    assert platform.workers() == workers
    assert platform.query("SELECT error FROM jobs_attempt WHERE outcome = 'lost'") == []
    noted = [line.split() for line in (folder / "effects.log").read_text().splitlines()]
    units = [(job, place) for what, job, *rest in noted if what == "unit" for place in rest[:1]]
    assert len(units) == len(set(units)) == len(KINDS) * PARTS


def test_hung_worker_is_replaced_by_the_supervisor_that_adopted_it(platform: Platform) -> None:
    adopt(platform)
    frozen = platform.worker("mail")
    frozen.suspend()
    wait_until(lambda: is_kept(platform) and platform.has_another("mail", than=frozen), seconds=START_SECONDS)
    _, left = psutil.wait_procs([frozen], timeout=20)
    assert left == []


def test_worker_that_is_killed_after_its_adoption_is_replaced(platform: Platform) -> None:
    adopt(platform)
    killed = platform.worker("mail")
    killed.kill()
    wait_until(lambda: is_kept(platform) and platform.has_another("mail", than=killed), seconds=START_SECONDS)
    ended = "SELECT ended_how FROM jobs_keptlane WHERE lane = 'mail'"
    [(how,)] = platform.query(ended)
    assert how.startswith("The worker ended. An earlier supervisor had started it")


def test_supervisor_that_is_asked_to_end_drains_the_workers_that_it_adopted(platform: Platform) -> None:
    adopt(platform)
    platform.submit("faults.threads", key="drained", pause=30)
    wait_until(lambda: platform.is_at_work("drained"), seconds=START_SECONDS)
    platform.supervisor.terminate()
    assert platform.supervisor.wait(timeout=30) == 0
    assert platform.workers() == []
    assert platform.query(
        "SELECT part.state, part.deaths FROM jobs_part part JOIN jobs_job job ON job.id = part.job_id"
        " WHERE job.key = 'drained' AND part.step = 'work'"
    ) == [("waiting", 0)]
    platform.stop("drained")


def test_second_supervisor_is_refused_while_the_first_lives(platform: Platform) -> None:
    said = (
        f"A supervisor (process {platform.supervisor.pid}) keeps the lane mail at work on this host already"
    )
    assert said in platform.refused_supervisor()
    assert is_kept(platform)
