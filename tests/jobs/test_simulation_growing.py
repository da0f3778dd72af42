"""Lanes of the simulation grow and shrink as the platform lets them, by the same arithmetic."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.lanes import Lane
from jobs.sections import Service, Supervision
from jobs.simulation import Arrival, Piece, Waits, simulate
from tests.jobs.test_scaling_recorded import LEAST, MOST, PATIENCE, PROMISE, RECORDED, play

SECOND = Piece(seconds=1, units=1)


def lane(name: str = "bulk", **values: object) -> Lane:
    usual = {"workers": 1, "pool": "threads", "part_seconds": 1, "promise_seconds": 20}
    return Lane(**{"name": name, **usual, **values})  # type: ignore[arg-type]


def job(*pieces: Piece, at: float = 0, to: str = "bulk", school: int = 1) -> Arrival:
    return Arrival(at=at, lane=to, school=school, stages=[[], pieces, []])


def waits_in(
    lanes: list[Lane],
    *arrivals: Arrival,
    total: int | None = None,
    services: Mapping[str, Service] | None = None,
) -> dict[str, Waits]:
    return simulate(
        arrivals,
        lanes={lane.name: lane for lane in lanes},
        weights={},
        services=services or {},
        supervision=Supervision(most_workers=total),
        hand_over_seconds=0,
    )


def waits(*arrivals: Arrival, services: Mapping[str, Service] | None = None, **values: object) -> Waits:
    return waits_in([lane(**values)], *arrivals, services=services)["bulk"]


def test_waits_that_threaten_the_promise_bring_more_workers() -> None:
    jobs = [job(SECOND) for _ in range(100)]
    assert waits(*jobs).longest == 99
    found = waits(*jobs, most_workers=50)
    assert found.longest < 20
    assert (found.late, found.end_p95 < 20) == (0, True)


def test_lane_grows_no_further_than_it_needs_for_its_promise() -> None:
    jobs = [job(SECOND) for _ in range(100)]
    assert waits(*jobs, most_workers=50, promise_seconds=2000) == waits(*jobs, promise_seconds=2000)


def test_lane_grows_also_before_any_of_its_long_pieces_has_ended() -> None:
    jobs = [job(Piece(seconds=500, units=100)) for _ in range(4)]
    found = waits(*jobs, most_workers=10, promise_seconds=600)
    assert found.end_p50 == pytest.approx(501, abs=1)


def test_workers_that_came_go_again_after_a_while() -> None:
    jobs = [*(job(SECOND) for _ in range(100)), job(SECOND, at=2000)]
    found = waits(*jobs, most_workers=50)
    worked, always_all = 101, 2001 * 50
    assert worked / always_all < worked / (2001 + 50 * 90) < found.busy_share < worked / 2001


def test_total_bounds_all_lanes_and_codes_come_first() -> None:
    lanes = [
        lane("codes", is_vital=True, most_workers=10, promise_seconds=5),
        lane("bulk", most_workers=10),
    ]
    jobs = [job(SECOND, to=each.name) for each in lanes for _ in range(40)]
    found = waits_in(lanes, *jobs, total=11)
    assert found["codes"] == waits_in(lanes, *jobs)["codes"]
    assert found["bulk"].longest > waits_in(lanes, *jobs)["bulk"].longest


@pytest.mark.parametrize("limit", ["lane", "school", "service"])
def test_closed_limit_brings_no_workers(limit: str) -> None:
    piece = Piece(seconds=0.01, units=10, service="relay")
    jobs = [job(*[piece] * 50)]
    services = {"relay": Service(name="relay", rate=10)} if limit == "service" else {}
    rate = {"lane": {"rate": 10}, "school": {"school_rate": 10}, "service": {}}[limit]
    found = waits(*jobs, services=services, **rate, most_workers=50)
    assert found.end_p50 == pytest.approx(49, abs=1)
    assert found.busy_share == pytest.approx(0.5 / 49, rel=0.1)  # of one worker


def test_limit_that_seldom_opens_is_not_looked_at_all_the_time() -> None:
    began = time.process_time()
    found = waits(job(*[Piece(seconds=1, units=500)] * 500), rate=1, most_workers=50)
    assert found.end_p50 == pytest.approx(499 * 500, rel=0.01)
    assert time.process_time() - began < 5  # a look each second would be a quarter of a million


@given(
    seconds=st.lists(st.floats(min_value=0.01, max_value=30), min_size=1, max_size=40),
    workers=st.integers(min_value=1, max_value=3),
    more=st.integers(min_value=0, max_value=5),
    schools=st.integers(min_value=1, max_value=4),
)
def test_all_is_begun_within_the_bounds_of_fewest_and_most_workers(
    seconds: list[float], workers: int, more: int, schools: int
) -> None:
    jobs = [job(Piece(seconds=each), school=number % schools) for number, each in enumerate(seconds)]
    most = workers + more
    found = waits(*jobs, workers=workers, most_workers=most)
    assert found.jobs == len(seconds)
    assert 0 < found.busy_share <= 1
    # Nobody is idle while something waits, so that the last one begins between these.
    assert sum(seconds) / most - max(seconds) - 1e-6 <= found.longest <= sum(seconds) / workers + 1e-6


@given(st.lists(st.floats(min_value=0.01, max_value=30), min_size=1, max_size=40))
def test_lane_whose_most_is_its_least_is_as_without(seconds: list[float]) -> None:
    jobs = [job(Piece(seconds=each), at=number) for number, each in enumerate(seconds)]
    assert waits(*jobs, workers=2, most_workers=2) == waits(*jobs, workers=2)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_recorded_load_waits_as_long_as_by_plain_arithmetic(recorded: Path) -> None:
    rows = [line.split(",") for line in recorded.read_text().splitlines()]
    parts = sorted((float(at), float(seconds)) for at, seconds in rows)
    given_lane = lane(workers=LEAST, most_workers=MOST, promise_seconds=PROMISE, part_seconds=2)
    found = simulate(
        [job(Piece(seconds=seconds), at=at) for at, seconds in parts],
        lanes={"bulk": given_lane},
        weights={},
        services={},
        supervision=Supervision(shrink_seconds=PATIENCE),
        hand_over_seconds=0,
    )["bulk"]
    assert found.longest == pytest.approx(max(play(parts, most=MOST).waits), abs=1.5)
    assert found.late == 0
