"""A lane spends its error budget while a canary should have been home and is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from jobs import budgets, canaries, holds
from jobs.budgets import LaneHealth
from jobs.holds import Target
from jobs.models import CanaryRun, HoldMode, HoldScope, Role
from jobs.testing import make_person, run_parts
from tests.jobs.settings_pages.conftest import text_of

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ALLOWED = 864
"""Seconds: a hundredth of a day."""


@pytest.fixture(autouse=True)
def _promise() -> Iterator[None]:
    """The lane mail promises 60 seconds and may break that for a hundredth of a day."""
    given: dict[str, Any] = settings.SWITCHYARD
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], "promise_seconds": 60}}
    canary = {"every_seconds": 10, "budget": 0.01, "window_hours": 24}
    with override_settings(SWITCHYARD={**given, "lanes": lanes, "canary": canary}):
        yield


def come_home(*waits: float, every: float = 10, last_at: datetime = NOON) -> None:
    """Let canaries of the lane mail have been sent one after the other and have waited so many seconds."""
    first = last_at - len(waits) * every * SECOND
    runs = [(first + place * every * SECOND, wait) for place, wait in enumerate(waits)]
    CanaryRun.objects.bulk_create(
        CanaryRun(lane="mail", at=sent_at + wait * SECOND, waited_seconds=wait, is_late=wait > 60)
        for sent_at, wait in runs
    )


def told(*, now: datetime = NOON) -> LaneHealth:
    """Return what the canaries of the lane mail tell."""
    return budgets.health(now=now)["mail"]


def look(*moments: datetime) -> None:
    """Let supervision look at these moments, as it does every ten seconds."""
    for moment in moments:
        with time_machine.travel(moment, tick=False):
            canaries.send(now=moment)


def answer(*, at: datetime) -> None:
    """Let the workers of the lane mail do what waits."""
    with time_machine.travel(at, tick=False):
        run_parts(lane="mail")


def test_lane_whose_canaries_come_home_in_time_spends_nothing() -> None:
    come_home(*[0.2] * 100, 59)
    health = told(now=NOON + MINUTE)
    assert (health.spent_seconds, health.unmeasured_seconds, health.percent_left) == (0, 0, 100)
    assert (health.newest_seconds, health.p95_seconds) == (59, 0.2)
    assert (health.is_late, health.is_measured) == (False, True)


def test_lane_that_was_dead_for_half_an_hour_spends_it_less_the_promise() -> None:
    come_home(*[0.2] * 180, last_at=NOON - 31 * MINUTE)
    look(*(NOON - 30 * MINUTE + number * 10 * SECOND for number in range(180)))
    answer(at=NOON)
    health = told()
    assert health.spent_seconds == pytest.approx(29 * 60)
    assert health.percent_left == 0
    assert health.unmeasured_seconds == pytest.approx(60 + 9.8)


def test_outage_in_which_nobody_looked_is_spent_by_the_canary_that_waited_through_it() -> None:
    look(NOON - 30 * MINUTE)
    answer(at=NOON)
    assert CanaryRun.objects.filter(lane="mail").count() == 1
    health = told()
    assert (health.spent_seconds, health.percent_left) == (pytest.approx(29 * 60), 0)


def test_canary_that_is_not_home_yet_spends_the_budget_while_it_waits() -> None:
    come_home(0.2)
    look(NOON)
    assert told(now=NOON + MINUTE).spent_seconds == 0
    health = told(now=NOON + 5 * MINUTE)
    assert health.spent_seconds == 4 * 60
    assert (health.is_late, health.is_measured) == (True, True)
    assert health.budget_left == pytest.approx(1 - 240 / ALLOWED)


def test_lane_of_which_no_canary_ever_came_home_is_late() -> None:
    look(NOON)
    assert told(now=NOON + SECOND).newest_seconds is None
    assert not told(now=NOON + SECOND).is_late
    assert told(now=NOON + 2 * MINUTE).is_late


def test_canary_that_is_a_moment_late_spends_an_interval() -> None:
    come_home(0.2, 60.1, 0.2)
    assert told().spent_seconds == 10


def test_canaries_that_were_late_at_the_same_time_count_once() -> None:
    come_home(100, 90, 80)
    assert told(now=NOON + 2 * MINUTE).spent_seconds == 40


def test_what_was_late_before_the_window_is_not_spent_in_it() -> None:
    come_home(7200, last_at=NOON - 24 * 60 * MINUTE - 60 * MINUTE)
    assert told().spent_seconds == pytest.approx(60 * 60 - 10)


def test_time_in_which_nobody_sent_canaries_is_not_measured() -> None:
    come_home(*[0.2] * 3, last_at=NOON - 30 * MINUTE)
    come_home(*[0.2] * 3)
    health = told()
    assert health.unmeasured_seconds == pytest.approx(30 * 60 - 20.2)
    assert (health.spent_seconds, health.is_measured) == (0, True)


def test_lane_of_which_no_canary_tells_any_more_is_not_measured() -> None:
    come_home(0.2, last_at=NOON)
    assert told(now=NOON + 15 * SECOND).is_measured
    health = told(now=NOON + 10 * MINUTE)
    assert (health.is_measured, health.is_late) == (False, False)
    assert health.unmeasured_seconds == pytest.approx(10 * 60 + 9.8)


def test_lane_is_late_while_its_newest_canary_was() -> None:
    come_home(0.2, 999)
    assert told(now=NOON + 1000 * SECOND).is_late
    come_home(0.2, last_at=NOON + 1010 * SECOND)
    assert not told(now=NOON + 1010 * SECOND).is_late


def test_canary_that_is_overdue_is_told_in_place_of_the_newest_wait(client: Client) -> None:
    come_home(0.14)
    look(NOON)
    late = NOON + 68 * SECOND
    assert told(now=NOON + 59 * SECOND).overdue_seconds is None
    assert told(now=late).overdue_seconds == 68
    client.force_login(make_person(role=Role.OPS))
    with time_machine.travel(late, tick=False):
        page = text_of(client.get("/ops/").content.decode())
    assert "Late one has waited 1 min 8 s so far" in page
    assert "0.14 s" not in page
    admin = make_person(role=Role.ADMIN)
    holds.put(Target(scope=HoldScope.LANE, name="mail"), mode=HoldMode.PAUSE, by=admin, why="Test")
    assert told(now=late).overdue_seconds is None


def test_lane_that_is_held_is_called_neither_late_nor_not_measured() -> None:
    come_home(999, last_at=NOON - 60 * MINUTE)
    look(NOON - 60 * MINUTE)
    admin = make_person(role=Role.ADMIN)
    holds.put(Target(scope=HoldScope.LANE, name="mail"), mode=HoldMode.PAUSE, by=admin, why="Test")
    health = told()
    assert (health.is_late, health.is_measured) == (False, True)
    assert health.spent_seconds == 999 - 60


def test_ops_page_tells_what_is_spent_and_what_was_not_measured(client: Client) -> None:
    come_home(0.2, last_at=NOON - 30 * MINUTE)
    come_home(180)
    client.force_login(make_person(role=Role.OPS))
    with time_machine.travel(NOON + 3 * MINUTE, tick=False):
        page = client.get("/ops/").content.decode()
    assert "86 % left: late for 2 min of the 14 min 24 s allowed" in page
    assert "not measured for 30 min" in page
    with time_machine.travel(NOON + 60 * MINUTE, tick=False):
        assert "Not measured" in client.get("/ops/").content.decode()


def test_budgets_of_all_lanes_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    come_home(*[90] * 50)
    look(NOON)
    with django_assert_num_queries(1):
        budgets.health(now=NOON + MINUTE)
