"""What samples say of an incident."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.status.samples import LaneSample, Sample
from jobs.status.timelines import entries, mean_seconds, worst_wait

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEN = timedelta(seconds=10)


def row_of(*lanes: LaneSample, has_broker: bool = True) -> list[Sample]:
    """Return samples of the lane mail, ten seconds apart."""
    return [
        Sample(at=NOON + place * TEN, lanes={"mail": lane}, has_broker=has_broker)
        for place, lane in enumerate(lanes)
    ]


def test_timeline_has_the_changes_alone() -> None:
    late = LaneSample(is_late=True, wait_seconds=70)
    worse = LaneSample(is_late=True, wait_seconds=90, service="the mail relay")
    row = row_of(LaneSample(), late, late, worse, LaneSample(slots=0), LaneSample())
    found = entries(row, ["mail", "gone"])
    assert [(each.at, each.says) for each in found] == [
        (NOON + TEN, "late"),
        (NOON + 3 * TEN, "waits for the mail relay, late"),
        (NOON + 4 * TEN, "without workers"),
        (NOON + 5 * TEN, "fine"),
    ]
    assert worst_wait(row, "mail") == (NOON + 3 * TEN, 90)


def test_paused_lane_and_a_silent_broker_are_told() -> None:
    row = row_of(LaneSample(is_held=True, slots=0), has_broker=False)
    assert [each.says for each in entries(row, ["mail"])] == ["paused, no broker"]


def test_lane_that_was_never_late_has_no_worst_wait() -> None:
    assert worst_wait(row_of(LaneSample(wait_seconds=5)), "mail") is None


@pytest.mark.parametrize(
    ("first", "last", "mean"),
    [
        ((10, 2), (20, 7), 0.5),
        (None, (20, 10), 0.5),
        ((10, 2), (10, 2), None),
        ((10, 2), (3, 1), None),
        ((10, 2), None, None),
        ((10, 9), (11, 2), None),
    ],
)
def test_mean_between_two_samples(
    first: tuple[float, float] | None, last: tuple[float, float] | None, mean: float | None
) -> None:
    assert mean_seconds(first, last) == mean
