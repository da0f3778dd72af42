"""What real processes of both pool types tell Prometheus is what their database has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from switchyard.yard.ports import free_ports

from jobs.settings import switchyard
from jobs.testing import wait_until
from tests.databases import make_database
from tests.jobs.scraping.conftest import Figures, at, figures_of
from tests.journeys.platforms import START_SECONDS, Platform

pytestmark = pytest.mark.journey

TOKEN = "a-token-that-nobody-guesses"
KINDS = {"mail": "faults.threads", "packets": "faults.forks"}
TOLD_SECONDS = 30
"""Processes write every 5 seconds."""
DONE = """
SELECT lane, kind, count(*) FROM jobs_part WHERE state = 'done' AND kind LIKE 'faults.%' GROUP BY lane, kind
"""


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def platform(postgres: str, migrated: str, valkey: str, tmp_path: Path, port: int) -> Iterator[Platform]:
    """Two lanes with two workers each, whose supervisor serves metrics on `port`."""
    running = Platform(
        folder=tmp_path,
        database=make_database(postgres, name="metrics", like=migrated),
        broker=f"{valkey.rpartition('/')[0]}/11",
        workers=2,
        options=(f"--metrics-port={port}",),
        METRICS_TOKEN=TOKEN,
    )
    yield running
    running.close()


def scrape(port: int) -> Figures:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", headers=headers, timeout=30)
    assert answer.status_code == 200
    return figures_of(answer.text)


def told(figures: Figures, name: str) -> dict[tuple[str, str], float]:
    """Return the figures of the kinds of the test, by lane and kind."""
    found = {
        lane_kind: at(figures, name, lane=lane_kind[0], kind=lane_kind[1]) for lane_kind in KINDS.items()
    }
    return {lane_kind: figure for lane_kind, figure in found.items() if figure is not None}


def ended_well(figures: Figures) -> dict[tuple[str, str], float]:
    ends = {
        (lane, kind): at(figures, "switchyard_parts_ended_total", lane=lane, kind=kind, outcome="done")
        for lane, kind in KINDS.items()
    }
    return {lane_kind: figure for lane_kind, figure in ends.items() if figure is not None}


def test_metrics_of_threads_and_forked_children_are_those_of_the_database(
    platform: Platform, port: int
) -> None:
    assert requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).status_code == 401
    for lane, kind in KINDS.items():
        platform.submit(kind, key=lane, parts=12)
    wait_until(lambda: all(platform.is_done(lane) for lane in KINDS), seconds=START_SECONDS)
    done = {(lane, kind): int(count) for lane, kind, count in platform.query(DONE)}
    assert sum(done.values()) >= 24
    wait_until(lambda: ended_well(scrape(port)) == done, seconds=TOLD_SECONDS)
    wait_until(lambda: at(scrape(port), "switchyard_parts_waiting", lane="mail") == 0, seconds=TOLD_SECONDS)
    figures = scrape(port)
    for name in ("switchyard_part_wait_seconds_count", "switchyard_part_run_seconds_count"):
        assert told(figures, name) == done
    for lane in KINDS:
        assert at(figures, "switchyard_workers_wanted", lane=lane) == 2
        assert at(figures, "switchyard_workers_present", lane=lane) == 2
        assert at(figures, "switchyard_claim_seconds_count", lane=lane)
    assert at(figures, "switchyard_broker_up") == at(figures, "switchyard_database_up") == 1
    assert (at(figures, "switchyard_sweep_age_seconds") or 0) < START_SECONDS


def test_web_server_of_a_yard_tells_this_machine_its_metrics(yard: Any) -> None:
    def has_all_workers() -> bool:
        figures = figures_of(requests.get(f"{yard.base_url}/metrics", timeout=30).text)
        told = {
            lane.name: (
                at(figures, "switchyard_workers_wanted", lane=lane.name) or 0,
                at(figures, "switchyard_workers_present", lane=lane.name),
            )
            for lane in switchyard().lanes.values()
        }
        # A lane may have grown while the yard began.
        return all(
            wanted == present >= switchyard().lanes[name].workers for name, (wanted, present) in told.items()
        )

    wait_until(has_all_workers, seconds=TOLD_SECONDS)
    proxied = requests.get(f"{yard.base_url}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}, timeout=30)
    assert proxied.status_code == 403
