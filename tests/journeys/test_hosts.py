"""Several hosts on one database and broker: limits and shares hold over all, and one that dies loses nothing.

A host is a supervisor with its workers in a process group of its own.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import START_SECONDS, Platform

pytestmark = pytest.mark.journey

WORKERS = 4
RATE = 20.0
"""Units a second that the lane is limited to."""
PARTS = 400
ENDLESS = 4000
"""Parts of a job that the limit keeps at work for longer than the test needs."""
SPAN_UNITS = 200
"""Units over which the rate is measured."""
SCHOOLS = ("northfield", "lakeside")
LEASE_ENDS_SECONDS = 120
"""What the parts of a host that died may take until they are done by another."""
DONE = """
SELECT part.ended_at, school.slug, part.worker FROM jobs_part part
JOIN jobs_job job ON job.id = part.job_id JOIN jobs_school school ON school.id = job.school_id
WHERE job.key LIKE '{key}%' AND part.step = 'work' AND part.state = 'done' ORDER BY part.ended_at
"""
SLOTS = (
    "SELECT slots FROM jobs_workerpresence WHERE lane = 'mail' AND beat_at > now() - interval '10 seconds'"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the parts did outside lies there."""
    return tmp_path_factory.mktemp("hosts")


@pytest.fixture(scope="module")
def platform(postgres: str, valkey: str, folder: Path) -> Iterator[Platform]:
    """Two hosts."""
    database = make_database(postgres, name="hosts")
    broker = f"{valkey.rpartition('/')[0]}/12"
    with closing(Platform(folder=folder, database=database, broker=broker, workers=WORKERS)) as running:
        running.join()
        yield running


def done(platform: Platform, *, key: str) -> list[tuple[datetime, str, str]]:
    """Return when, for which school and by which worker each part was done."""
    return platform.query(DONE.format(key=key))  # type: ignore[return-value]


def test_limit_and_shares_hold_over_all_hosts(platform: Platform) -> None:
    platform.change({"mail": {"workers": WORKERS, "rate": RATE}})
    for school in SCHOOLS:
        platform.submit("faults.threads", key=f"limited-{school}", parts=ENDLESS, school=school)
    wait_until(lambda: len(together(platform)) > SPAN_UNITS, seconds=START_SECONDS)
    span = together(platform)[: SPAN_UNITS + 1]
    seconds = (span[-1][0] - span[0][0]).total_seconds()
    assert SPAN_UNITS / seconds <= RATE * 1.05
    by_school = Counter(school for _, school, _ in span)
    assert min(by_school.values()) >= 0.4 * SPAN_UNITS
    assert len({worker for *_, worker in span}) == len(platform.query(SLOTS))
    for school in SCHOOLS:
        platform.stop(f"limited-{school}")
    platform.change({"mail": {"workers": WORKERS}})


def test_host_that_dies_loses_nothing_and_the_others_take_its_workers(
    platform: Platform, folder: Path
) -> None:
    third = platform.join()
    lost = platform.workers_on(third)
    platform.submit("faults.threads", key="lost", parts=PARTS, pause=0.05)
    wait_until(lambda: bool(lost & workers_of(platform)), seconds=START_SECONDS)
    platform.lose(third)
    assert not platform.is_done("lost")
    wait_until(lambda: platform.is_done("lost"), seconds=LEASE_ENDS_SECONDS)
    units = Counter(acted(folder, job=job_of(platform)))
    assert len(units) == PARTS
    assert sum(units.values()) - PARTS <= WORKERS
    wait_until(lambda: sum(slots for (slots,) in platform.query(SLOTS)) == WORKERS, seconds=START_SECONDS)


def together(platform: Platform) -> list[tuple[datetime, str, str]]:
    """Return the limited parts since the time at which both schools had some done, and nothing was saved."""
    parts = done(platform, key="limited")
    firsts = [
        next((place for place, part in enumerate(parts) if part[1] == school), len(parts))
        for school in SCHOOLS
    ]
    return parts[max(firsts) + int(RATE) :]


def acted(folder: Path, *, job: str) -> list[str]:
    """Return the places of the job's parts whose units acted outside."""
    lines = [line.split() for line in (folder / "effects.log").read_text().splitlines()]
    return [words[2] for words in lines if words[:2] == ["unit", job]]


def workers_of(platform: Platform) -> set[str]:
    """Return the workers that did parts of the job."""
    return {worker for *_, worker in done(platform, key="lost")}


def job_of(platform: Platform) -> str:
    [(job,)] = platform.query("SELECT id FROM jobs_job WHERE key = 'lost'")
    return str(job)
