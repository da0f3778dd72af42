"""The waits between attempts."""

import random

from hypothesis import given
from hypothesis import strategies as st

from jobs.retries import RetryPolicy


@given(attempt=st.integers(1, 200), seed=st.integers(), first=st.floats(0.1, 60), cap=st.floats(60, 3600))
def test_delay_stays_between_half_its_bound_and_the_cap(
    attempt: int, seed: int, first: float, cap: float
) -> None:
    policy = RetryPolicy(first_seconds=first, cap_seconds=cap)
    delay = policy.delay_seconds(attempt=attempt, chance=random.Random(seed))
    bound = min(cap, first * 2.0 ** (attempt - 1))
    assert bound / 2 <= delay <= bound


def test_last_attempt_allows_no_other() -> None:
    policy = RetryPolicy(attempts=3)
    allowed = [policy.allows_another(attempt=attempt, age_seconds=0) for attempt in (1, 2, 3)]
    assert allowed == [True, True, False]


def test_attempts_go_on_while_somebody_waits() -> None:
    policy = RetryPolicy(attempts=3, lasting_seconds=600)
    assert policy.allows_another(attempt=40, age_seconds=599)
    assert not policy.allows_another(attempt=3, age_seconds=600)
    assert policy.allows_another(attempt=2, age_seconds=3600)
