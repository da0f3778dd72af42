"""Several hosts on one database and broker: limits and shares hold over all, and one that dies loses nothing.

A host is a supervisor with its workers in a process group of its own.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import START_SECONDS, Platform

pytestmark = pytest.mark.journey

HOSTS = 2
WORKERS = 4
RATE = 20
"""Units a second that the lane is limited to; as many may be saved."""
LIMITED_PAUSE = 0.15
"""Seconds that a limited part takes: one host does 13 a second, less than the limit; two do more than that.

A host that can do all of it alone may: who found a limit closed asks for more the less often.
"""
PARTS = 400
PAUSE = 0.2
"""Seconds that a part takes of the job of which one host dies: twenty seconds in all."""
ENDLESS = 900
"""Parts of a job that the limit keeps at work for longer than the test needs; they are planned at one go."""
SPAN = 200
"""Parts, of a unit each, over which the rate is measured."""
PART_SECONDS = 2
"""What the lane wants for a part; one whose worker was lost counts that at least."""
SCHOOLS = ("northfield", "lakeside")
LEASE_ENDS_SECONDS = 120
"""What the parts of a host that died may take until they are done by another."""
CLAIMED = """
SELECT part.claimed_at, school.slug, part.worker, part.step, part.seconds FROM jobs_part part
JOIN jobs_job job ON job.id = part.job_id JOIN jobs_school school ON school.id = job.school_id
WHERE job.key LIKE '{key}%' AND part.state IN ('working', 'done')
ORDER BY part.claimed_at
"""
LOST = """
SELECT school.slug, count(*) FROM jobs_attempt attempt JOIN jobs_part part ON part.id = attempt.part_id
JOIN jobs_job job ON job.id = part.job_id JOIN jobs_school school ON school.id = job.school_id
WHERE job.key LIKE 'limited%' AND attempt.outcome = 'lost' GROUP BY school.slug
"""
GIVEN_UP = """
SELECT DISTINCT part.arguments ->> 'place' FROM jobs_part part
JOIN jobs_job job ON job.id = part.job_id JOIN jobs_attempt attempt ON attempt.part_id = part.id
WHERE job.key = 'lost'
"""
PRESENT = (
    "SELECT name, slots FROM jobs_workerpresence "
    "WHERE lane = 'mail' AND beat_at > now() - interval '10 seconds'"
)


class Claimed(NamedTuple):
    """A part that was claimed."""

    claimed_at: datetime
    school: str
    worker: str
    step: str
    seconds: float
    """What it took so far."""

    @property
    def counts(self) -> float:
        """What it counts in its school's share: its time, or what it takes of the limit's if that is more."""
        return max(self.seconds, WORKERS / RATE) if self.step == "work" else self.seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the parts did outside lies there."""
    return tmp_path_factory.mktemp("hosts")


@pytest.fixture(scope="module")
def platform(postgres: str, migrated: str, valkey: str, folder: Path) -> Iterator[Platform]:
    """Two hosts."""
    database = make_database(postgres, name="hosts", like=migrated)
    broker = f"{valkey.rpartition('/')[0]}/12"
    with closing(Platform(folder=folder, database=database, broker=broker, workers=WORKERS)) as running:
        running.join()
        yield running


def test_limit_and_shares_hold_over_all_hosts(platform: Platform) -> None:
    platform.change({"mail": {"workers": WORKERS, "rate": RATE}})
    for school in SCHOOLS:
        platform.submit(
            "faults.threads", key=f"limited-{school}", parts=ENDLESS, pause=LIMITED_PAUSE, school=school
        )
    wait_until(lambda: len(together(platform)) > SPAN, seconds=START_SECONDS)
    assert_shared(since_both_asked(platform), lost=lost(platform))
    span = together(platform)[: SPAN + 1]
    seconds = (span[-1].claimed_at - span[0].claimed_at).total_seconds()
    # A second's worth may have been saved while the machine stood still, and each slot may hold a claim that
    # began before and was paid after.
    assert RATE * seconds >= SPAN - RATE - WORKERS
    assert len({part.worker for part in span}) >= HOSTS
    for school in SCHOOLS:
        platform.stop(f"limited-{school}")
    platform.change({"mail": {"workers": WORKERS}})


def test_host_that_dies_loses_nothing_and_the_others_take_its_workers(
    platform: Platform, folder: Path
) -> None:
    third = platform.join()
    gone = platform.workers_on(third)
    platform.submit("faults.threads", key="lost", parts=PARTS, pause=PAUSE)
    wait_until(
        lambda: bool(gone & {part.worker for part in claimed(platform, "lost")}), seconds=START_SECONDS
    )
    platform.lose(third)
    assert not platform.is_done("lost")
    wait_until(lambda: platform.is_done("lost"), seconds=LEASE_ENDS_SECONDS)
    units = Counter(acted(folder, job=job_of(platform)))
    assert len(units) == PARTS
    repeated = {place for place, times in units.items() if times > 1}
    assert repeated <= {place for (place,) in platform.query(GIVEN_UP)}
    wait_until(
        lambda: not gone & set(slots(platform)) and sum(slots(platform).values()) == WORKERS,
        seconds=START_SECONDS,
    )


def claimed(platform: Platform, key: str) -> list[Claimed]:
    """Return the parts that were claimed, in that order."""
    rows: list[Any] = platform.query(CLAIMED.format(key=key))
    return [Claimed(*row) for row in rows]


def slots(platform: Platform) -> dict[str, int]:
    """Return how many parts the workers of the lane that are present do at once."""
    return {name: int(count) for name, count in platform.query(PRESENT)}


def together(platform: Platform) -> list[Claimed]:
    """Return the limited parts since the time at which both schools had some."""
    parts = [part for part in claimed(platform, "limited") if part.step == "work"]
    return parts[max(first_of(school, parts) for school in SCHOOLS) :]


def since_both_asked(platform: Platform) -> list[Claimed]:
    """Return what was claimed since the second school came, the plan of its job among it."""
    parts = claimed(platform, "limited")
    return parts[max(first_of(school, parts) for school in SCHOOLS) :]


def first_of(school: str, parts: list[Claimed]) -> int:
    """Return where the first part of a school stands; the end where it has none."""
    return next((place for place, part in enumerate(parts) if part.school == school), len(parts))


def lost(platform: Platform) -> Counter[str]:
    """Return by school how many claims were lost: the machine stood still for long."""
    return Counter({school: int(count) for school, count in platform.query(LOST)})


def assert_shared(parts: list[Claimed], *, lost: Counter[str]) -> None:
    """Assert that no school had much more than the other of what is shared: time, or the limit's.

    What a part takes counts when it ends. So each that is at work may be as dear as the dearest was.
    """
    costs = [(part.school, part.counts) for part in parts]
    costs += [(school, PART_SECONDS) for school in lost.elements()]
    one, other = (sum(cost for school, cost in costs if school == name) for name in SCHOOLS)
    dearest = max(cost for _, cost in costs)
    assert abs(one - other) <= 0.2 * (one + other) + WORKERS * dearest, (one, other, dearest)


def acted(folder: Path, *, job: str) -> list[str]:
    """Return the places of the job's parts whose units acted outside."""
    lines = [line.split() for line in (folder / "effects.log").read_text().splitlines()]
    return [words[2] for words in lines if words[:2] == ["unit", job]]


def job_of(platform: Platform) -> str:
    [(job,)] = platform.query("SELECT id FROM jobs_job WHERE key = 'lost'")
    return str(job)
