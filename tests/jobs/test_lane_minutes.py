"""How lanes were is written down each minute, and drawn."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jobs import lane_minutes
from jobs.charts import draw
from jobs.measures import PARTS_ENDED
from jobs.models import LaneMinute, LaneReading, Role, Tally, WorkerPresence
from jobs.settings import switchyard
from jobs.testing import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def read(*, waiting: int, waited: float | None, at: datetime) -> None:
    oldest_at = None if waited is None else at - timedelta(seconds=waited)
    LaneReading.objects.update_or_create(
        lane="mail",
        defaults={
            "at": at,
            "waiting": waiting,
            "delayed": 0,
            "oldest_at": oldest_at,
            "is_late": False,
            "is_measured": True,
        },
    )


def note(at: datetime, *, waiting: int = 0, waited: float | None = None, ended: int = 0) -> None:
    read(waiting=waiting, waited=waited, at=at)
    labels = json.dumps(["mail", "tests.steps", "done"])
    Tally.objects.update_or_create(
        measure=PARTS_ENDED.name, labels=labels, bucket="", defaults={"value": float(ended)}
    )
    lane_minutes.note(now=at)


def history(*, minutes: int, step: int = 1) -> list[lane_minutes.Step]:
    return lane_minutes.history_of(
        "mail",
        until=NOON + timedelta(minutes=minutes - 1, seconds=59),
        span=timedelta(minutes=minutes),
        step=timedelta(minutes=step),
    )


def test_each_lane_has_a_row_for_a_minute_with_the_worst_of_it() -> None:
    WorkerPresence.objects.create(name="m@h", lane="mail", slots=3, started_at=NOON, beat_at=NOON)
    Tally.objects.filter(measure=PARTS_ENDED.name).delete()
    note(NOON, waiting=40, waited=2.5)
    note(NOON + timedelta(seconds=5), waiting=7, waited=12)
    assert LaneMinute.objects.count() == len(switchyard().lanes)
    row = LaneMinute.objects.get(lane="mail")
    assert (row.at, row.waiting, row.oldest_seconds, row.present) == (NOON, 40, 12, 3)
    assert row.promise_seconds == switchyard().lanes["mail"].promise_seconds


def test_work_done_is_the_difference_between_two_minutes() -> None:
    for number, ended in enumerate([100, 160, 280]):
        note(NOON + number * MINUTE, ended=ended)
    assert [each.done_a_minute for each in history(minutes=3)] == [None, 60, 120]


def test_steps_of_several_minutes_hold_the_worst_and_the_rate() -> None:
    for number, waiting in enumerate([1, 9, 3, 4]):
        note(NOON + number * MINUTE, waiting=waiting, ended=30 * number)
    first, second = history(minutes=4, step=2)
    assert (first.waiting, second.waiting) == (9, 4)
    assert (first.done_a_minute, second.done_a_minute) == (30, 30)


def test_minutes_that_nobody_wrote_down_are_a_gap() -> None:
    note(NOON, waiting=5)
    note(NOON + 2 * MINUTE, waiting=6)
    assert [each.waiting for each in history(minutes=3)] == [5, None, 6]


def test_three_days_are_kept() -> None:
    note(NOON)
    lane_minutes.prune(now=NOON + timedelta(hours=71))
    assert LaneMinute.objects.exists()
    lane_minutes.prune(now=NOON + timedelta(hours=73))
    assert not LaneMinute.objects.exists()


def test_line_has_gaps_where_there_are_no_values() -> None:
    chart = draw(name="depth", title="Depth", lines=[("waiting", "main", [0, 3, None, 3])])
    assert chart.lines[0].path == "M48.0 130.0 h0.1 L218.7 8.0 M560.0 8.0 h0.1"
    assert [mark.says for mark in chart.marks] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("value", "top"), [(0, "3"), (4, "6"), (7, "15"), (40, "60"), (1_001, "1,500")])
def test_numbers_beside_a_chart_are_round(value: float, top: str) -> None:
    assert draw(name="depth", title="Depth", lines=[("waiting", "main", [value])]).marks[-1].says == top


def test_page_draws_four_charts_with_a_table_each(client: Client) -> None:
    note(timezone.now(), waiting=41, waited=700)
    client.force_login(make_person(role=Role.OPS))
    page = client.get("/ops/charts/", {"lane": "mail", "hours": "1"}).content.decode()
    assert (page.count('<svg class="chart"'), page.count("As a table")) == (4, 4)
    assert page.count('<text class="below first" x="48') == 4, "it begins beside the 0, not under it"
    assert '<td class="number">41</td>' in page
    assert "11 min 40 s" in page
    assert 'hx-get="/ops/charts/now/?lane=mail&amp;hours=1"' in page
    assert " style=" not in page


@pytest.mark.parametrize("given", [{}, {"lane": "nowhere", "hours": "0"}])
def test_page_without_a_choice_shows_the_first_lane(client: Client, given: dict[str, str]) -> None:
    client.force_login(make_person(role=Role.OPS))
    page = client.get("/ops/charts/", given).content.decode()
    assert f"Nothing was written down of the lane {next(iter(switchyard().lanes))}" in page
