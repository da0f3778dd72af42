"""A lane of threads has a second process on a host where one is not enough, and loses nothing over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import START_SECONDS, Platform

pytestmark = pytest.mark.journey

ENDLESS = 5000
"""Parts that are at work for longer than the test needs."""
PAUSE = 0.2
"""Seconds that a part takes."""
EACH = 2
"""Parts that one process works on at once."""


@pytest.fixture
def platform(postgres: str, migrated: str, valkey: str, tmp_path: Path) -> Iterator[Platform]:
    """Two workers in each lane, one process each; a host has two processors at least."""
    running = Platform(
        folder=tmp_path,
        database=make_database(postgres, name="places", like=migrated),
        broker=f"{valkey.rpartition('/')[0]}/13",
        workers=2,
    )
    yield running
    running.close()


def slots(platform: Platform) -> dict[str, int]:
    """Return how many parts each process of the lane of threads works on at once."""
    told = platform.query(
        "SELECT name, slots FROM jobs_workerpresence WHERE lane = 'mail' ORDER BY started_at"
    )
    return {name: int(count) for name, count in told}


def test_second_process_comes_is_taken_over_and_goes_and_nothing_is_lost_or_doubled(
    platform: Platform,
) -> None:
    [first] = slots(platform)
    platform.submit("faults.threads", key="shared", parts=ENDLESS, pause=PAUSE)
    platform.change({"mail": {"workers": 2 * EACH, "process_workers": EACH}})
    wait_until(lambda: list(slots(platform).values()) == [EACH, EACH], seconds=START_SECONDS)
    both = slots(platform)
    assert first in both
    wait_until(lambda: {worker for _, worker in done(platform)} == set(both), seconds=START_SECONDS)

    platform.supervisor.kill()
    platform.supervisor.wait()
    platform.start_supervisor()
    told = f"SELECT count(*) FROM jobs_keptlane WHERE is_adopted AND supervisor = {platform.supervisor.pid}"  # noqa: S608
    wait_until(lambda: platform.query(told) == [(2,)], seconds=START_SECONDS)
    assert slots(platform) == both

    platform.change({"mail": {"workers": EACH, "process_workers": EACH}})
    wait_until(lambda: slots(platform) == {first: EACH}, seconds=START_SECONDS)
    before = len(done(platform))
    wait_until(lambda: len(done(platform)) > before, seconds=START_SECONDS)
    platform.stop("shared")
    wait_until(lambda: platform.working("mail") == 0, seconds=START_SECONDS)
    acted = [
        line.split()[2] for line in platform.effects.read_text().splitlines() if line.startswith("unit ")
    ]
    assert {place for place, _ in done(platform)} <= set(acted)
    assert len(acted) - len(set(acted)) <= EACH
    assert platform.query("SELECT count(*) FROM jobs_attempt WHERE outcome = 'lost'") == [(0,)]


def done(platform: Platform) -> list[tuple[str, str]]:
    """Return the places of the parts that are done, and who did them."""
    told = (
        "SELECT part.arguments ->> 'place', part.worker FROM jobs_part part"
        " JOIN jobs_job job ON job.id = job_id"
        " WHERE job.key = 'shared' AND part.state = 'done' AND part.step = 'work'"
    )
    return [(place, worker) for place, worker in platform.query(told)]
