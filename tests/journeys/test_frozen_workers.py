"""Workers that stand still, frozen or in native code: their supervisor puts others in their place."""

import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import START_SECONDS, Platform

STANDS_AT_MOST_SECONDS = 60
"""So long a lane may stand: 11 to 19 seconds were measured, 51 on a machine with forty programs at work.

Without another worker it stands for ever.
"""
LEASES = "SELECT leased_until FROM jobs_part WHERE state = 'working'"
pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def platform(
    postgres: str, migrated: str, valkey: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """One for all tests of this file."""
    running = Platform(
        folder=tmp_path_factory.mktemp("frozen"),
        database=make_database(postgres, name="frozen", like=migrated),
        broker=f"{valkey.rpartition('/')[0]}/8",
        workers=1,
    )
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
