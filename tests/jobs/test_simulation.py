"""The simulated lanes keep the promises of the real ones: in plain seconds, without a database."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.lanes import Lane
from jobs.sections import Service
from jobs.simulation import Arrival, Piece, Waits, simulate
from jobs.simulation.waits import quantile


def lane(**values: object) -> Lane:
    return Lane(**{"name": "bulk", "workers": 1, "pool": "threads", "part_seconds": 1, **values})  # type: ignore[arg-type]


def job(*pieces: Piece, at: float = 0, school: int = 1, priority: int = 0) -> Arrival:
    return Arrival(at=at, lane="bulk", school=school, stages=[[], pieces, []], priority=priority)


def waits(
    *arrivals: Arrival,
    weights: Mapping[int, float] | None = None,
    services: Mapping[str, Service] | None = None,
    slugs: Mapping[int, str] | None = None,
    **values: object,
) -> Waits:
    found = simulate(
        arrivals,
        lanes={"bulk": lane(**values)},
        weights=weights or {},
        services=services or {},
        slugs=slugs,
        hand_over_seconds=0,
    )
    return found["bulk"]


SECOND = Piece(seconds=1, units=1)


def test_jobs_of_one_school_go_one_after_the_other() -> None:
    found = waits(job(SECOND), job(SECOND), job(SECOND))
    assert (found.p50, found.longest, found.end_p95) == (1, 2, 3)


def test_a_small_job_waits_two_parts_at_most_behind_another_schools_large_one() -> None:
    found = waits(job(*[SECOND] * 100), job(SECOND, school=2, at=0.5))
    assert found.longest == pytest.approx(1.5)


def test_school_with_a_limit_of_its_own_waits_for_that() -> None:
    jobs = [job(*[Piece(seconds=0.01, units=1)] * 20, school=school) for school in (1, 2)]
    slugs = {1: "north", 2: "south"}
    found = waits(*jobs, slugs=slugs, rates_of_schools={"north": 1.0})
    assert (found.end_p50 < 1, found.end_p95 > 15) == (True, True)
    found = waits(*jobs, slugs=slugs, school_rate=1.0, rates_of_schools={"north": None})
    assert (found.end_p50 < 1, found.end_p95 > 15) == (True, True)


def test_lane_keeps_workers_for_other_work_than_that_of_one_service() -> None:
    jobs = job(*[Piece(seconds=1, units=1, service="relay")] * 10), job(SECOND, at=0.1, school=2)
    assert waits(*jobs, workers=2).longest == pytest.approx(0.9)
    found = waits(*jobs, workers=2, service_workers=1)
    assert (found.longest, found.end_p95) == (pytest.approx(0), pytest.approx(10))


def test_higher_priority_goes_first_within_the_school() -> None:
    found = waits(job(SECOND, SECOND), job(SECOND, at=0.5, priority=1))
    assert found.longest == pytest.approx(0.5)


def test_weights_give_twice_the_worker_seconds() -> None:
    twice = job(*[SECOND] * 60, school=1)
    once = job(*[SECOND] * 60, school=2)
    found = waits(twice, once, weights={1: 2.0, 2: 1.0})
    assert found.end_p50 == pytest.approx(90, abs=2)
    assert found.end_p95 == pytest.approx(120)


def test_stages_wait_for_the_ones_before() -> None:
    planned = Arrival(at=0, lane="bulk", school=1, stages=[[SECOND], [SECOND, SECOND], [SECOND]])
    assert waits(planned, workers=2).end_p50 == 3


def test_school_cap_leaves_workers_to_others() -> None:
    found = waits(job(*[SECOND] * 10), job(SECOND, at=0.1, school=2), workers=2, school_workers=1)
    assert found.longest == 0
    assert found.end_p95 == 10


@pytest.mark.parametrize("workers", [1, 8])
def test_rate_of_the_lane_holds_whatever_the_workers(workers: int) -> None:
    quick = Piece(seconds=0.001, units=1)
    found = waits(job(*[quick] * 600), workers=workers, rate=10)
    assert found.end_p95 == pytest.approx(59, rel=0.02)


def test_schools_share_a_scarce_limit_by_what_they_draw_on_it() -> None:
    cheap = job(*[Piece(seconds=0.05, units=1)] * 100, school=1)
    dear = job(*[Piece(seconds=0.35, units=1)] * 100, school=2)
    found = waits(cheap, dear, workers=4, rate=10, part_seconds=0.1)
    assert found.end_p50 == pytest.approx(20, abs=1)


def test_limited_school_does_not_block_another() -> None:
    heavy = Piece(seconds=0.01, units=10, bytes=1000)
    light = Piece(seconds=0.01, units=1, bytes=1)
    found = waits(job(*[heavy] * 50), job(light, at=5, school=2), school_bytes_rate=1000)
    assert found.longest < 0.1
    assert found.end_p95 > 45


def test_service_at_its_limit_holds_only_what_goes_to_it() -> None:
    out = Piece(seconds=0.01, units=10, service="relay")
    found = waits(
        job(*[out] * 50),
        job(SECOND, at=5, school=2),
        services={"relay": Service(name="relay", rate=10)},
    )
    assert found.longest < 0.1


def test_vital_lane_neither_waits_for_a_service_nor_pays_it() -> None:
    vital = Lane(name="codes", workers=1, pool="threads", part_seconds=1, is_vital=True)
    out = Piece(seconds=0.01, units=10, service="relay")
    code = Arrival(at=0, lane="codes", school=1, stages=[[], [out] * 50, []], priority=0)
    mailing = Arrival(at=1, lane="bulk", school=1, stages=[[], [out], []], priority=0)
    found = simulate(
        [code, mailing],
        lanes={"codes": vital, "bulk": lane()},
        weights={},
        services={"relay": Service(name="relay", rate=10)},
        hand_over_seconds=0,
    )
    assert found["codes"].end_p95 == pytest.approx(0.5)
    assert found["bulk"].longest == 0


@given(
    seconds=st.lists(st.floats(min_value=0.01, max_value=10), min_size=1, max_size=30),
    workers=st.integers(min_value=1, max_value=5),
    schools=st.integers(min_value=1, max_value=4),
)
def test_no_worker_idles_while_work_waits(seconds: list[float], workers: int, schools: int) -> None:
    jobs = [job(Piece(seconds=each), school=number % schools) for number, each in enumerate(seconds)]
    found = waits(*jobs, workers=workers)
    makespan = max(sum(seconds) / workers / found.busy_share, *seconds)
    # Whatever its order, a line that lets nobody idle ends within this bound (Graham, 1966).
    assert makespan <= sum(seconds) / workers + max(seconds) * (1 - 1 / workers) + 1e-6


def test_nothing_that_arrived_is_told_as_nothing() -> None:
    assert waits() == Waits(jobs=0, p50=0, p95=0, longest=0, end_p50=0, end_p95=0, late=0, busy_share=0)


def test_late_counts_waits_over_the_promise() -> None:
    assert waits(job(SECOND), job(SECOND), job(SECOND), promise_seconds=1.5).late == 1


def test_quantiles_are_values_that_were_seen() -> None:
    assert [quantile([4.0, 1.0, 3.0, 2.0], share) for share in (0.0, 0.5, 0.95)] == [1, 2, 4]
