"""How many workers a lane should have: within its bounds, quick up, slow down, no flapping."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobs.lanes import Lane
from jobs.scaling import Load, Scaler, granted, most_useful, needed, processes_of, share_of, within_total

PATIENCE = 60

loads = st.builds(
    Load,
    waiting=st.integers(0, 100_000),
    working=st.integers(0, 100),
    oldest_seconds=st.floats(0, 10_000),
    part_seconds=st.floats(0.001, 120),
    promise_seconds=st.floats(0.5, 10_000),
    most_useful=st.one_of(st.just(math.inf), st.floats(1, 1000)),
)


def load(**changes: float) -> Load:
    """Return the load of a lane that promises 60 seconds and has nothing to do."""
    usual = {"waiting": 0, "working": 0, "oldest_seconds": 0, "part_seconds": 2, "promise_seconds": 60}
    return Load(**{**usual, **changes})  # type: ignore[arg-type]


def test_lane_with_nothing_waiting_needs_those_who_work() -> None:
    assert needed(load(working=3)) == 3


def test_what_waits_is_begun_within_half_of_the_promise() -> None:
    assert needed(load(waiting=150)) == 10  # 300 worker seconds in 30


def test_the_longer_the_oldest_has_waited_the_more_are_needed() -> None:
    assert needed(load(waiting=150, oldest_seconds=20)) == 30
    assert needed(load(waiting=150, oldest_seconds=3000)) == 150


def test_nobody_goes_while_something_waits() -> None:
    assert needed(load(waiting=1, working=8)) == 8


def test_limit_keeps_no_more_workers_busy_than_it_lets_through() -> None:
    assert most_useful(rate=10, unit_seconds=0.4) == 6
    assert needed(load(waiting=10_000, most_useful=6)) == 6
    assert math.isinf(most_useful(rate=None, unit_seconds=0.4))


@given(loads)
def test_need_is_never_more_than_one_worker_for_each_part(given_load: Load) -> None:
    assert 0 <= needed(given_load) <= given_load.waiting + given_load.working


@given(loads, st.integers(1, 50))
def test_more_waiting_never_needs_fewer(given_load: Load, more: int) -> None:
    values = {**vars(given_load), "waiting": given_load.waiting + more}
    if given_load.waiting:
        assert needed(Load(**values)) >= needed(given_load)


@given(st.lists(loads, min_size=1, max_size=200), st.integers(1, 20), st.integers(0, 100))
def test_bounds_hold_whatever_comes(course: list[Load], least: int, more: int) -> None:
    scaler = Scaler(wanted=least, now=0)
    for second, each in enumerate(course):
        wanted = scaler.wanted(
            each, least=least, most=least + more, patience_seconds=PATIENCE, now=float(second)
        )
        assert least <= wanted <= least + more


@given(st.lists(st.integers(0, 40), min_size=2, max_size=300))
def test_no_worker_goes_that_was_needed_within_the_last_minute(course: list[int]) -> None:
    scaler = Scaler(wanted=1, now=0)
    wanted = [
        scaler.wanted(load(working=busy), least=1, most=100, patience_seconds=PATIENCE, now=float(second))
        for second, busy in enumerate(course)
    ]
    for second, (before, after) in enumerate(pairwise(wanted), start=1):
        assert after >= course[second]  # up at once
        if after < before:
            assert max(course[max(0, second - PATIENCE) : second + 1]) <= after


@given(st.lists(st.integers(0, 40), min_size=1, max_size=PATIENCE - 1))
def test_load_that_swings_within_a_minute_changes_nothing_more(swing: list[int]) -> None:
    scaler = Scaler(wanted=1, now=0)
    wanted = [
        scaler.wanted(load(working=busy), least=1, most=100, patience_seconds=PATIENCE, now=float(second))
        for second, busy in enumerate(swing * 4)
    ]
    assert len(set(wanted[len(swing) :])) == 1


def test_burst_is_met_at_once_and_forgotten_after_a_minute() -> None:
    scaler = Scaler(wanted=2, now=0)
    options = {"least": 2, "most": 16, "patience_seconds": PATIENCE}
    assert scaler.wanted(load(waiting=1000), **options, now=1.0) == 16
    assert scaler.wanted(load(), **options, now=60.0) == 16
    assert scaler.wanted(load(), **options, now=62.0) == 2


def test_lanes_share_what_the_total_leaves() -> None:
    least = {"codes": 2, "mail": 4, "bulk": 4}
    wanted = {"codes": 4, "mail": 4, "bulk": 24}
    assert within_total(wanted, least=least, total=None) == wanted
    assert within_total(wanted, least=least, total=21) == {"codes": 3, "mail": 4, "bulk": 14}
    assert within_total(wanted, least=least, total=5) == least


def test_lane_without_which_people_stand_still_gets_its_workers_first() -> None:
    lanes = {
        name: Lane(name=name, workers=2, most_workers=20, pool="threads", is_vital=name == "codes")
        for name in ("codes", "bulk")
    }
    wanted = {"codes": 8, "bulk": 20}
    assert granted(wanted, lanes=lanes, total=12) == {"codes": 8, "bulk": 4}
    assert granted({"bulk": 20}, lanes=lanes, total=12) == {"codes": 2, "bulk": 10}
    assert granted(wanted, lanes=lanes, total=3) == {"codes": 8, "bulk": 2}


@given(st.integers(1, 200), st.integers(1, 20))
def test_processes_share_all_workers(workers: int, processes: int) -> None:
    shares = [share_of(workers, place=place, processes=processes) for place in range(processes)]
    assert sum(shares) == max(workers, processes)
    assert max(shares) - min(shares) <= 1


@given(st.integers(1, 1000), st.integers(1, 100), st.integers(1, 30))
def test_no_process_of_any_host_has_more_than_one_should_and_no_host_has_one_without_need(
    workers: int, each: int, hosts: int
) -> None:
    there = [processes_of(workers, each=each, place=place, hosts=hosts, most=1000) for place in range(hosts)]
    processes = sum(there)
    assert processes == max(hosts, math.ceil(workers / each))
    assert max(share_of(workers, place=place, processes=processes) for place in range(processes)) <= each
    assert max(there) - min(there) <= 1


def test_host_has_no_more_processes_than_it_can_use() -> None:
    assert processes_of(1000, each=10, place=0, hosts=2, most=4) == 4
