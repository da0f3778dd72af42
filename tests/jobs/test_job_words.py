"""Words of the pages that records do not carry."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from jobs.templatetags.job_words import from_now

NOW = datetime(2026, 10, 7, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=40), "in 40 seconds"),
        (timedelta(minutes=52, seconds=20), "in 52 minutes"),
        (timedelta(minutes=89), "in 89 minutes"),
        (timedelta(minutes=150), "in 2 hours 30 minutes"),
        (timedelta(hours=3, seconds=20), "in 3 hours"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(0), "now"),
        (-timedelta(minutes=5), "5 minutes ago"),
    ],
)
def test_moment_is_told_from_now_on(away: timedelta, words: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert from_now(NOW + away) == words
