"""Workers whose memory grows: a part that wants too much fails alone, and who has done enough is replaced."""

from collections.abc import Iterator

import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import START_SECONDS, Platform

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def platform(
    postgres: str, migrated: str, valkey: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """One for all tests of this file."""
    running = Platform(
        folder=tmp_path_factory.mktemp("memory"),
        database=make_database(postgres, name="memory", like=migrated),
        broker=f"{valkey.rpartition('/')[0]}/11",
        workers=2,
    )
    yield running
    running.close()


def test_part_that_wants_too_much_memory_fails_alone_and_at_once(platform: Platform) -> None:
    platform.change({"packets": {"part_megabytes": 100}})
    worker = platform.worker("packets")
    platform.submit("faults.forks", key="beside", parts=20, pause=0.2)
    platform.submit_with("faults.hungry", key="hungry", arguments={"megabytes": [5, 400, 20, 5]})
    ended = "SELECT key, state FROM jobs_job WHERE key IN ('beside', 'hungry') ORDER BY key"
    wait_until(
        lambda: platform.query(ended) == [("beside", "done"), ("hungry", "problems")], seconds=START_SECONDS
    )
    parts = platform.query(
        "SELECT part.state, part.deaths, count(attempt.id), part.error FROM jobs_part part"
        " JOIN jobs_job job ON job.id = job_id LEFT JOIN jobs_attempt attempt ON part.id = part_id"
        " WHERE job.key = 'hungry' AND step = 'work' GROUP BY part.id ORDER BY part.id"
    )
    assert [row[:3] for row in parts] == [("done", 0, 0), ("failed", 0, 1), ("done", 0, 0), ("done", 0, 0)]
    assert parts[1][3].startswith("It needs more than 100 MB of memory, the most that one part may take.")
    assert platform.query(
        "SELECT count(*) FROM jobs_attempt JOIN jobs_part part ON part.id = part_id"
        " JOIN jobs_job job ON job.id = job_id WHERE job.key = 'beside'"
    ) == [(0,)]
    assert platform.worker("packets") == worker


def assert_done_once(platform: Platform, key: str, *, parts: int) -> None:
    """Assert that each part of the job with this `key` acted once, and that none was lost on the way."""
    [(job,)] = platform.query(f"SELECT id FROM jobs_job WHERE key = '{key}'")  # noqa: S608
    lines = platform.effects.read_text().splitlines()
    units = [line.split()[2] for line in lines if line.startswith(f"unit {job} ")]
    assert sorted(units, key=int) == [str(place) for place in range(parts)]
    assert platform.query(
        f"SELECT count(*) FROM jobs_part WHERE job_id = {job} AND deaths > 0"  # noqa: S608
    ) == [(0,)]


def test_children_that_have_done_enough_are_replaced_and_nothing_is_lost_or_doubled(
    platform: Platform,
) -> None:
    platform.change({"packets": {"child_parts": 3}})
    worker = platform.worker("packets")
    before = {child.pid for child in worker.children()}
    platform.submit("faults.forks", key="replaced", parts=40, pause=0.01)
    wait_until(lambda: platform.is_done("replaced"), seconds=START_SECONDS)
    assert_done_once(platform, "replaced", parts=40)
    assert platform.worker("packets") == worker
    assert not before & {child.pid for child in worker.children()}
    counted = "SELECT coalesce(sum(value), 0) FROM jobs_tally WHERE measure = 'switchyard_workers_replaced'"
    parts = f'{counted} AND labels = \'["packets", "child", "parts"]\''
    wait_until(lambda: platform.query(parts) >= [(10,)], seconds=START_SECONDS)


def test_worker_of_threads_whose_memory_grew_hands_its_place_over(platform: Platform) -> None:
    platform.change({"mail": {"worker_megabytes": 200}})
    large = platform.worker("mail")
    platform.submit_with("faults.leaky", key="leaky", arguments={"megabytes": [2] * 110})
    wait_until(lambda: platform.is_done("leaky"), seconds=START_SECONDS)
    platform.submit("faults.threads", key="meanwhile", parts=60, pause=0.2)
    wait_until(lambda: platform.has_another("mail", than=large), seconds=START_SECONDS)
    wait_until(lambda: not large.is_running(), seconds=START_SECONDS)
    wait_until(lambda: platform.is_done("meanwhile"), seconds=START_SECONDS)
    assert_done_once(platform, "meanwhile", parts=60)
    told = "SELECT bool_or(is_outgrown), min(memory_bytes) > 0 FROM jobs_workerpresence"
    assert platform.query(told) == [(False, True)]
