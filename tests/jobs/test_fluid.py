"""Work that schools share fairly, reckoned as a fluid."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.fluid import Capacity, Line, Load, reckon

LANE = Capacity(workers=8, part_seconds=2)


def load(seconds: float, **given: float) -> Load:
    return Load(seconds=seconds, **{"parts": max(1, seconds / 2), **given})


def times(*lines: Line, capacity: Capacity = LANE) -> tuple[float, float]:
    found = reckon(lines, capacity=capacity)
    assert found is not None
    return found.start, found.end


def test_lone_school_has_the_whole_lane() -> None:
    start, end = times(Line(loads=[load(80)]))
    assert start == 0
    assert end == pytest.approx(10, abs=1)


def test_two_schools_share_until_the_smaller_one_is_done() -> None:
    _, end = times(Line(loads=[load(80)]), Line(loads=[load(8000)]))
    assert end == pytest.approx(20, abs=1)
    _, end = times(Line(loads=[load(800)]), Line(loads=[load(80)]))
    assert end == pytest.approx(110, abs=1)


def test_school_with_twice_the_weight_gets_twice_the_workers() -> None:
    _, end = times(Line(loads=[load(160)], weight=2), Line(loads=[load(8000)]))
    assert end == pytest.approx(30, abs=1)


def test_scarce_limit_is_what_schools_share() -> None:
    limited = Capacity(workers=8, part_seconds=2, units_rate=10)
    cheap, dear = load(10, units=200), load(100, units=200)
    assert times(Line(loads=[dear]), Line(loads=[cheap]), capacity=limited)[1] == pytest.approx(40, abs=1)
    assert times(Line(loads=[cheap]), Line(loads=[dear]), capacity=limited)[1] == pytest.approx(40, abs=1)
    heavy = Line(loads=[cheap], weight=4)
    assert times(heavy, Line(loads=[load(100, units=2000)]), capacity=limited)[1] == pytest.approx(25, abs=1)


def test_each_school_gets_its_share_of_what_is_scarce_for_it() -> None:
    limited = Capacity(workers=4, part_seconds=2, units_rate=10)
    cheap, dear = load(1, units=71, parts=100), load(2000, units=2000)
    # Each has 0.714 of its scarcest: 7.14 units a second of the limit, and 2.86 of the workers.
    assert times(Line(loads=[cheap]), Line(loads=[dear]), capacity=limited)[1] == pytest.approx(10, abs=0.5)


def test_job_waits_for_its_own_schools_older_jobs() -> None:
    start, end = times(Line(loads=[load(160), load(80)]))
    assert start == pytest.approx(20, abs=1.1)
    assert end == pytest.approx(30, abs=1)


def test_school_that_has_used_more_waits_for_the_others_to_draw_level() -> None:
    start, _ = times(Line(loads=[load(80)], ahead=82), Line(loads=[load(8000)]))
    assert start == pytest.approx(10, abs=1)


def test_job_of_one_part_has_one_worker() -> None:
    _, end = times(Line(loads=[Load(seconds=60, parts=1)]))
    assert end == pytest.approx(60)


def test_limits_slow_all_down() -> None:
    limited = Capacity(workers=8, units_rate=100)
    assert times(Line(loads=[load(80, units=4000)]), capacity=limited)[1] == pytest.approx(40, abs=1)
    school = Capacity(workers=8, school_megabytes_rate=10)
    own = Line(loads=[load(80, megabytes=400)])
    assert times(own, capacity=school)[1] == pytest.approx(40, abs=1)
    capped = Capacity(workers=8, school_workers=2)
    assert times(Line(loads=[load(80)]), capacity=capped)[1] == pytest.approx(40, abs=1)


lines = st.builds(
    Line,
    loads=st.lists(
        st.builds(
            Load,
            seconds=st.floats(0.01, 1e4),
            units=st.floats(0, 1e5),
            megabytes=st.floats(0, 1e4),
            parts=st.integers(1, 500),
        ),
        min_size=1,
        max_size=3,
    ),
    weight=st.sampled_from([0.5, 1, 3]),
    ahead=st.floats(0, 1000),
)


@given(st.lists(lines, min_size=1, max_size=8), st.integers(1, 20))
def test_no_worker_is_idle_and_no_work_is_lost(given_lines: list[Line], workers: int) -> None:
    found = reckon(given_lines, capacity=Capacity(workers=workers))
    assert found is not None
    own = given_lines[0].loads
    everything = sum(load.seconds for line in given_lines for load in line.loads)
    lag = own[-1].seconds / own[-1].parts
    assert found.end >= own[-1].seconds / min(workers, own[-1].parts) - 1e-6
    assert 0 <= found.start <= found.end + 1e-6
    if all(load.parts >= workers for line in given_lines for load in line.loads):
        assert found.end <= everything / workers + lag + 1e-3


@given(st.lists(lines, min_size=2, max_size=8))
def test_nobody_is_served_earlier_because_another_school_comes(given_lines: list[Line]) -> None:
    alone = reckon(given_lines[:1], capacity=LANE)
    beside = reckon(given_lines, capacity=LANE)
    assert alone is not None
    assert beside is not None
    assert beside.end >= alone.end - 1e-3


def test_nonsense_is_reckoned_to_an_end() -> None:
    schools = [Line(loads=[load(10)], ahead=ahead) for ahead in (0, 1, 2)]
    for part_seconds in (-1, math.nan):
        assert reckon(schools, capacity=Capacity(workers=2, part_seconds=part_seconds)) is not None
