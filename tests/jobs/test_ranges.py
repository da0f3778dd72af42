"""The range that is told, and how often it is kept."""

import random

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.ranges import FEWEST, GUESS, LEARNED_FROM, learn, ratio


@hypothesis.settings(max_examples=25)  # each is of a thousand truths
@given(seed=st.integers(0, 1000), bias=st.floats(0.3, 3), spread=st.floats(0.05, 1))
def test_four_of_five_truths_lie_within(seed: int, bias: float, spread: float) -> None:
    chance = random.Random(seed)
    past: list[float] = []
    inside = 0
    for place in range(1200):
        reckoned = chance.uniform(10, 3000)
        took = reckoned * bias * chance.lognormvariate(0, spread)
        told = learn(past[-LEARNED_FROM:]).told(reckoned)
        inside += place >= 200 and told.earliest <= took <= told.latest
        past.append(ratio(reckoned=reckoned, took=took))
    assert 0.75 <= inside / 1000 <= 0.85


def test_bias_is_corrected_by_what_came_true() -> None:
    told = learn([ratio(reckoned=100, took=150)] * LEARNED_FROM).told(200)
    assert told.likely == pytest.approx(300, rel=0.02)


def test_few_truths_correct_little() -> None:
    few, many = learn([1, 1.8, 1.8] * 4), learn([1, 1.8, 1.8] * 66)
    assert few.middle == pytest.approx(1.8 ** (12 / 22))
    assert many.middle == pytest.approx(1.8 ** (198 / 208))
    assert (few.low, few.high) == (1, 1.8)


@pytest.mark.parametrize(("truth", "middle"), [(9.9, 2), (0.12, 0.5)])
def test_likely_time_is_corrected_within_bounds_but_the_range_is_wide(truth: float, middle: float) -> None:
    trust = learn([1.0, truth, truth] * (LEARNED_FROM // 3))
    assert trust.middle == middle
    assert sorted((trust.low, trust.high)) == sorted((1, truth))


def test_likely_time_lies_where_nearly_all_of_many_truths_were() -> None:
    assert learn([3.0] * FEWEST).middle == pytest.approx(3**0.5)
    assert learn([3.0] * LEARNED_FROM).middle == 3


def test_bad_hour_is_forgotten_by_the_hundred_truths_that_follow() -> None:
    bad, good = [10.0] * 100, [1.0] * 50
    assert learn([*bad, *good]).middle == 1
    assert learn([*bad, *good]).high == 10
    assert learn([*bad, *good, *good]).high == 1


def test_range_is_a_guess_before_there_are_truths() -> None:
    told = learn([5.0] * (FEWEST - 1)).told(100)
    assert told == GUESS.told(100)
    assert told.earliest < told.likely < told.latest


@given(reckoned=st.floats(0, 1e7), ratios=st.lists(st.floats(0.01, 100)))
def test_range_is_in_order_and_not_in_the_past(reckoned: float, ratios: list[float]) -> None:
    told = learn(ratios).told(reckoned)
    assert 0 <= told.earliest <= told.likely <= told.latest
