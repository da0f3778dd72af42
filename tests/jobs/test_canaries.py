"""Canaries measure each lane's true wait against its promise."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import canaries, holds
from jobs.holds import Target
from jobs.models import CanaryRun, Hold, HoldMode, HoldScope, Job, Role
from jobs.settings import switchyard
from jobs.testing import make_person, run_parts

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def hold(lane: str) -> None:
    """Let a person pause the lane."""
    admin = make_person(role=Role.ADMIN)
    holds.put(Target(scope=HoldScope.LANE, name=lane), mode=HoldMode.PAUSE, by=admin, why="Test")


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
    hold("bulk")
    canaries.send(now=timezone.now())
    assert "bulk" not in Job.objects.values_list("lane", flat=True)


def test_canary_that_waits_in_a_lane_that_is_held_is_called_back() -> None:
    now = timezone.now()
    canaries.send(now=now)
    hold("bulk")
    canaries.send(now=now + 30 * SECOND)
    assert Job.objects.get(lane="bulk").state == "stopped"
    Hold.objects.all().delete()
    run_parts(lane="bulk")
    assert not CanaryRun.objects.filter(lane="bulk").exists()


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
