"""Workers take on another number of parts at once while they are busy, with each broker and pool."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import START_SECONDS, Platform

pytestmark = pytest.mark.journey

HOLDS_WITHIN = 60.0
"""1 to 3 seconds were measured; a look takes 1.5 seconds more, and a machine that is full much longer."""
LANES = {"mail": "faults.threads", "packets": "faults.forks"}
PAUSE = 0.5
"""Seconds that a part takes."""


@pytest.fixture(params=["valkey", "rabbitmq", "production_rabbitmq"])
def platform(
    request: pytest.FixtureRequest, postgres: str, migrated: str, tmp_path: Path
) -> Iterator[Platform]:
    """Two lanes with two workers each, on one of the brokers."""
    broker = str(request.getfixturevalue(request.param))
    running = Platform(
        folder=tmp_path,
        database=make_database(postgres, name=f"resizing_{request.param}", like=migrated),
        broker=f"{broker.rpartition('/')[0]}/9" if request.param == "valkey" else broker,
        workers=2,
        BROKER_QUEUES="quorum" if request.param == "production_rabbitmq" else "classic",
    )
    yield running
    running.close()


def test_busy_workers_follow_the_settings(platform: Platform) -> None:
    processes = platform.present()
    for lane, kind in LANES.items():
        platform.submit(kind, key=lane, parts=1000, pause=PAUSE)
    wait_until(lambda: [platform.working(lane) for lane in LANES] == [2, 2], seconds=START_SECONDS)
    for workers in (6, 1, 3):
        platform.change_workers(workers)
        wanted = [workers] * len(LANES)
        wait_until(lambda: most_at_work(platform) == wanted, seconds=HOLDS_WITHIN)  # noqa: B023  (in this round)
    assert platform.present() == processes


def test_lanes_grow_with_what_waits_and_shrink_when_it_is_done(
    postgres: str, migrated: str, valkey: str, tmp_path: Path
) -> None:
    running = Platform(
        folder=tmp_path,
        database=make_database(postgres, name="scaling", like=migrated),
        broker=f"{valkey.rpartition('/')[0]}/10",
        workers=2,
        most=6,
    )
    with closing(running) as platform:
        processes = platform.present()
        for lane, kind in LANES.items():
            platform.submit(kind, key=lane, parts=1000, pause=PAUSE)
        wait_until(lambda: most_at_work(platform) == [6, 6], seconds=START_SECONDS)
        for lane in LANES:
            platform.stop(lane)
        slots = "SELECT slots FROM jobs_workerpresence"
        wait_until(lambda: platform.query(slots) == [(2,), (2,)], seconds=START_SECONDS)
        assert platform.present() == processes


def test_worker_that_starts_where_memory_is_kept_free_begins_with_one_child_and_tells_so(
    postgres: str, migrated: str, valkey: str, tmp_path: Path
) -> None:
    running = Platform(
        folder=tmp_path,
        database=make_database(postgres, name="kept_free", like=migrated),
        broker=f"{valkey.rpartition('/')[0]}/10",
        workers=3,
    )
    told = "SELECT slots, slots_kept_back FROM jobs_workerpresence WHERE lane = 'packets' AND name <> '{}'"
    with closing(running) as platform:
        platform.override({"supervision": {"spare_megabytes": 900_000}})
        before = next(name for name in platform.present() if name.startswith("packets@"))
        platform.worker("packets").kill()
        wait_until(lambda: platform.query(told.format(before)) == [(1, 2)], seconds=START_SECONDS)


def most_at_work(platform: Platform) -> list[int]:
    """Look for a while and return the most parts that each lane worked on at once."""
    until = time.monotonic() + 3 * PAUSE
    looks = []
    while time.monotonic() < until:
        looks.append([platform.working(lane) for lane in LANES])
    return [max(counts) for counts in zip(*looks, strict=True)]
