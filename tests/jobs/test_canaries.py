"""Canaries measure each lane's true wait against its promise."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import canaries, holds
from jobs.holds import Target
from jobs.models import CanaryRun, HoldMode, HoldScope, Job, Role
from jobs.settings import switchyard
from jobs.testing import make_person, run_parts

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_each_lane_gets_a_canary_that_notes_its_wait() -> None:
    assert canaries.send(now=timezone.now()) == len(switchyard().lanes)
    run_parts()
    assert {run.lane for run in CanaryRun.objects.all()} == set(switchyard().lanes)
    assert not CanaryRun.objects.filter(is_late=True).exists()
    assert all(0 <= run.waited_seconds < 5 for run in CanaryRun.objects.all())


def test_lane_whose_canary_still_waits_gets_no_other() -> None:
    now = timezone.now()
    canaries.send(now=now)
    run_parts(lane="mail")
    assert canaries.send(now=now + SECOND) == 1


def test_canary_that_waits_beyond_the_promise_is_late_at_each_look() -> None:
    now = timezone.now()
    canaries.send(now=now)
    run_parts(lane="mail")
    codes = timedelta(seconds=switchyard().lanes["codes"].promise_seconds)
    for look in (1, 2):
        canaries.send(now=now + codes + look * SECOND)
    runs = CanaryRun.objects.filter(lane="codes")
    assert [run.is_late for run in runs] == [True, True]
    assert not CanaryRun.objects.filter(lane="bulk").exists()


def test_lane_that_is_held_gets_no_canary() -> None:
    admin = make_person(role=Role.ADMIN)
    holds.put(Target(scope=HoldScope.LANE, name="bulk"), mode=HoldMode.PAUSE, by=admin, why="Test")
    canaries.send(now=timezone.now())
    assert "bulk" not in Job.objects.values_list("lane", flat=True)


def test_budget_shrinks_with_each_late_canary() -> None:
    now = timezone.now()
    CanaryRun.objects.bulk_create(
        CanaryRun(lane="mail", at=now - number * SECOND, waited_seconds=number, is_late=number >= 199)
        for number in range(200)
    )
    told = canaries.health(now=now)["mail"]
    assert (told.looks, told.late, told.newest_seconds, told.p95_seconds) == (200, 1, 0, 189)
    assert told.allowed == pytest.approx(86.4)
    assert told.percent_left == 99


def test_what_arrived_is_cleared_and_what_was_measured_stays_for_the_window() -> None:
    now = timezone.now()
    canaries.send(now=now)
    run_parts()
    canaries.send(now=now + timedelta(minutes=5))
    assert Job.objects.filter(kind=canaries.KIND).count() == len(switchyard().lanes)
    assert CanaryRun.objects.count() == len(switchyard().lanes)
    canaries.send(now=now + timedelta(hours=30))
    assert not CanaryRun.objects.filter(at__lte=now + SECOND).exists()


def test_nobody_sees_canaries_on_home_and_no_route_is_asked_for_them(client: Any) -> None:
    canaries.send(now=timezone.now())
    client.force_login(make_person(role=Role.OPS))
    assert "Canary of" not in client.get("/").content.decode()
    assert "95 % ≤" not in client.get("/ops/").content.decode()
    run_parts()
    assert "95 % ≤" in client.get("/ops/").content.decode()


@pytest.mark.parametrize(("waited", "age", "is_late"), [(1, 1, False), (999, 1, True), (1, 999, True)])
def test_lane_is_late_when_its_newest_canary_was_or_none_comes_any_more(
    waited: int, age: int, *, is_late: bool
) -> None:
    now = timezone.now()
    promise = switchyard().lanes["mail"].promise_seconds
    run = CanaryRun(lane="mail", at=now - age * SECOND, waited_seconds=waited, is_late=waited > promise)
    run.save()
    assert canaries.health(now=now)["mail"].is_late is is_late


def test_lane_that_is_held_is_not_called_late() -> None:
    now = timezone.now()
    CanaryRun(lane="bulk", at=now - timedelta(hours=3), waited_seconds=1, is_late=False).save()
    assert canaries.health(now=now)["bulk"].is_late
    admin = make_person(role=Role.ADMIN)
    holds.put(Target(scope=HoldScope.LANE, name="bulk"), mode=HoldMode.PAUSE, by=admin, why="Test")
    assert not canaries.health(now=now)["bulk"].is_late
