"""Token buckets in PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.limits import take

START = datetime(2026, 1, 1, tzinfo=UTC)


def draw_at(seconds: float, *, units: float = 1) -> bool:
    """Draw from a bucket of 10 a second that holds 20."""
    now = START + timedelta(seconds=seconds)
    return take(name="lane:mail", rate=10, burst=20, units=units, now=now) is not None


@pytest.mark.django_db
def test_bucket_starts_full_and_runs_dry() -> None:
    assert [draw_at(0, units=5) for _ in range(5)] == [True, True, True, True, False]


@pytest.mark.django_db
def test_large_draw_makes_a_debt_that_later_seconds_pay_off() -> None:
    assert draw_at(0, units=100)
    assert not draw_at(7.9)
    assert draw_at(8.1)


@pytest.mark.django_db
def test_units_of_a_minute_are_the_rate_times_sixty_and_the_burst() -> None:
    drawn = sum(draw_at(step / 20, units=3) * 3 for step in range(60 * 20))
    assert drawn == pytest.approx(60 * 10 + 20, rel=0.02)


@pytest.mark.django_db
def test_clock_that_goes_back_gives_no_tokens() -> None:
    assert draw_at(10, units=21)
    assert not draw_at(5)
