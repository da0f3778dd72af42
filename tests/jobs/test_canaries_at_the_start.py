"""The start of a yard breaks no promise as long as nobody waits for its first workers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from jobs import budgets
from jobs.canaries import AWAITED, KIND, Sender
from jobs.models import CanaryRun, Job, School, WorkerPresence
from jobs.settings import switchyard
from jobs.testing import run_parts

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
STARTED_AT = datetime(2026, 5, 4, 7, tzinfo=UTC)


class Yard:
    """A supervisor that was just started; no worker is present yet."""

    def __init__(self) -> None:
        """Begin."""
        self._sender = Sender(began_at=STARTED_AT)

    def look(self, seconds: float) -> set[str]:
        """Look so many seconds after the start; return the lanes in which a canary waits then."""
        now = STARTED_AT + seconds * SECOND
        with time_machine.travel(now, tick=False):
            self._sender.take_turn(now=now)
        return set(Job.objects.filter(kind=KIND, ended_at=None).values_list("lane", flat=True))

    def worker_comes(self, lane: str, *, seconds: float) -> None:
        """Let a worker of `lane` be present so long after the start."""
        now = STARTED_AT + seconds * SECOND
        WorkerPresence.objects.create(name=lane, lane=lane, slots=2, started_at=now, beat_at=now)

    def answer(self, lane: str, *, seconds: float) -> None:
        """Let a worker do what waits in `lane`."""
        with time_machine.travel(STARTED_AT + seconds * SECOND, tick=False):
            run_parts(lane=lane)


@pytest.fixture
def yard() -> Yard:
    return Yard()


@pytest.mark.parametrize("seconds", [3, 45])
def test_lane_gets_its_first_canary_as_soon_as_its_first_worker_is_there(yard: Yard, seconds: float) -> None:
    assert yard.look(0.5) == set()
    yard.worker_comes("codes", seconds=seconds)
    assert yard.look(seconds + 0.5) == {"codes"}
    yard.answer("codes", seconds=seconds + 0.6)
    [run] = CanaryRun.objects.all()
    assert (run.is_late, run.waited_seconds) == (False, pytest.approx(0.1))


def test_canaries_follow_each_other_as_ever_once_the_worker_was_there(yard: Yard) -> None:
    yard.worker_comes("codes", seconds=0.2)
    for seconds, sent in ((0.5, 1), (3, 1), (10, 1), (10.5, 2), (15, 2), (20.5, 3)):
        yard.look(seconds)
        yard.answer("codes", seconds=seconds)
        assert CanaryRun.objects.filter(lane="codes").count() == sent


def test_lane_without_a_worker_is_measured_at_once_when_something_waits_in_it(
    yard: Yard, steps: Any, school: School
) -> None:
    assert yard.look(0.5) == set()
    steps.submit(school, 1)
    assert yard.look(1) == {"mail"}


def test_lane_that_gets_no_worker_spends_its_budget_after_a_while(yard: Yard) -> None:
    yard.worker_comes("mail", seconds=1)
    over = AWAITED.total_seconds()
    assert yard.look(over - 1) == {"mail"}
    assert yard.look(over) == set(switchyard().lanes)
    promise = switchyard().lanes["codes"].promise_seconds
    health = budgets.health(now=STARTED_AT + AWAITED + (promise + 60) * SECOND)["codes"]
    assert (health.is_late, health.spent_seconds) == (True, pytest.approx(60))


def test_canary_that_waits_since_before_the_start_is_told_as_late(yard: Yard) -> None:
    before = Sender(began_at=STARTED_AT - 600 * SECOND)
    with time_machine.travel(STARTED_AT - 300 * SECOND, tick=False):
        before.take_turn(now=STARTED_AT - 300 * SECOND)
    assert "codes" in yard.look(0.5)
    assert CanaryRun.objects.get(lane="codes").is_late


def test_supervisor_that_restarts_again_and_again_hides_no_lane_in_which_something_waits(
    steps: Any, school: School
) -> None:
    steps.submit(school, 1)
    assert Yard().look(0.5) == {"mail"}
    assert Yard().look(9) == {"mail"}
    promise = switchyard().lanes["mail"].promise_seconds
    assert budgets.health(now=STARTED_AT + (promise + 60) * SECOND)["mail"].spent_seconds > 0


def test_worker_that_was_there_before_the_start_only_is_not_there(yard: Yard) -> None:
    yard.worker_comes("codes", seconds=-5)
    assert yard.look(0.5) == set()
