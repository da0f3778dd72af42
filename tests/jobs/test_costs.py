"""What a unit costs, learned past outliers."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.costs import Cost, Sample, learn

prices = st.floats(min_value=0.001, max_value=5)


def parts(
    unit_seconds: float, megabyte_seconds: float, *, sizes: list[float], outliers: float = 0, seed: int = 0
) -> list[Sample]:
    """Return 300 parts that cost so much, with the noise of machines and a share of outliers."""
    chance = random.Random(seed)
    made = []
    for _ in range(300):
        units, size = chance.choice([1, 5, 50, 200]), chance.choice(sizes)
        seconds = (unit_seconds + megabyte_seconds * size) * units * chance.lognormvariate(0, 0.2)
        if chance.random() < outliers:
            seconds *= chance.choice([0.05, 20, 100])
        made.append(Sample(units=units, megabytes=units * size, seconds=seconds))
    return made


@given(unit=prices, megabyte=prices, outliers=st.floats(0, 0.2), seed=st.integers(0, 10_000))
def test_both_prices_are_found_whatever_the_outliers(
    unit: float, megabyte: float, outliers: float, seed: int
) -> None:
    cost = learn(parts(unit, megabyte, sizes=[0, 0, 0, 0.5, 5, 10], outliers=outliers, seed=seed))
    assert cost is not None
    for size in (0, 1, 10):
        expected = 100 * (unit + megabyte * size)
        assert cost.seconds(units=100, megabytes=100 * size) == pytest.approx(expected, rel=0.35)


@given(unit=prices, size=st.sampled_from([0.0, 3.0]), outliers=st.floats(0, 0.2), seed=st.integers(0, 10_000))
def test_parts_of_one_size_are_counted_by_the_unit(
    unit: float, size: float, outliers: float, seed: int
) -> None:
    cost = learn(parts(unit, 0, sizes=[size], outliers=outliers, seed=seed))
    assert cost is not None
    assert cost.megabyte_seconds == 0
    assert cost.unit_seconds == pytest.approx(unit, rel=0.25)


@given(
    st.lists(
        st.builds(
            Sample,
            units=st.integers(0, 1000),
            megabytes=st.floats(0, 1e5),
            seconds=st.floats(0, 1e6),
        )
    )
)
def test_whatever_is_learned_is_positive_and_finite(samples: list[Sample]) -> None:
    cost = learn(samples)
    if cost is None:
        assert all(sample.units == 0 for sample in samples)
    else:
        assert 0 < cost.unit_seconds < float("inf")
        assert 0 <= cost.megabyte_seconds < float("inf")
        assert 1 <= cost.spread < float("inf")


def test_work_without_units_costs_its_megabytes() -> None:
    samples = [Sample(units=1, megabytes=size, seconds=2 * size) for size in (1, 2, 3, 4, 5, 8, 13, 21) * 5]
    cost = learn(samples)
    assert cost is not None
    assert cost.seconds(units=1, megabytes=10) == pytest.approx(20, rel=0.1)


def test_few_parts_of_other_size_do_not_make_a_price_of_a_megabyte() -> None:
    plain = [Sample(units=10, megabytes=0, seconds=1)] * 50
    assert learn([*plain, *[Sample(units=10, megabytes=50, seconds=30)] * 4]) == Cost(unit_seconds=0.1)
    told = learn([*plain, *[Sample(units=10, megabytes=50, seconds=30)] * 6])
    assert told is not None
    assert told.megabyte_seconds == pytest.approx(0.58, rel=0.05)


def test_light_parts_do_not_tell_what_heavy_ones_cost() -> None:
    plain = learn([Sample(units=200, megabytes=0, seconds=4)] * 50)
    assert plain is not None
    cost = replace(plain, assumed_megabyte_seconds=0.2)
    assert cost.seconds(units=200, megabytes=0) == pytest.approx(4)
    assert cost.seconds(units=200, megabytes=200 * 5) == pytest.approx(4 + 200 * 5 * 0.2, rel=0.02)


@pytest.mark.parametrize("size", [0.5, 5, 10])
def test_parts_of_a_weight_that_is_known_cost_what_they_cost(size: float) -> None:
    plain = [Sample(units=200, megabytes=0, seconds=4)] * 50
    heavy = [Sample(units=10, megabytes=10 * size, seconds=0.2 + 0.5 * size)] * 6
    told = learn([*plain, *heavy])
    assert told is not None
    assert told.known_megabytes == pytest.approx(size)
    cost = replace(told, assumed_megabyte_seconds=100)
    assert cost.seconds(units=10, megabytes=10 * size) == pytest.approx(0.2 + 0.5 * size, rel=0.05)
    assert cost.unknown_megabytes(size) == 0


@given(known=st.floats(0, 20), price=prices, assumed=prices, size=st.floats(0, 50), more=st.floats(1e-6, 50))
def test_heavier_work_never_costs_less_and_an_assumption_never_makes_it_cheaper(
    known: float, price: float, assumed: float, size: float, more: float
) -> None:
    plain = Cost(unit_seconds=0.02, megabyte_seconds=price, known_megabytes=known)
    cost = replace(plain, assumed_megabyte_seconds=assumed)
    seconds = cost.seconds(units=10, megabytes=10 * size)
    assert seconds >= plain.seconds(units=10, megabytes=10 * size)
    assert cost.seconds(units=10, megabytes=10 * (size + more)) >= seconds
