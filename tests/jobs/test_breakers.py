"""Breakers: open after failures in a row, probe after a pause, close with a success."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.utils import timezone

from jobs import execution, runners
from jobs.breakers import ServiceClosed, Visit, blame, guarding, noting
from jobs.leases import Hold
from jobs.models import Attempt, Breaker, BreakerState, JobState, Part, PartState, School
from jobs.registry import Kind
from jobs.runners import PatientRunner, Verb
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.supervision import wake_delayed
from jobs.testing import kind_in_lane, run_parts
from jobs.verbs import WorkingPart

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SERVICE = "relay:mail.example:25"
FAILURES = switchyard().breakers.failures


def fail(times: int = 1, *, after_seconds: float = 0, longest: float | None = None) -> None:
    """Visit the service so often at that time, and find that it fails."""
    now = NOW + timedelta(seconds=after_seconds)
    for _ in range(times):
        with guarding(SERVICE, now=now, longest_pause_seconds=longest) as visit:
            visit.failed("It does not answer.", now=now)


def succeed(*, after_seconds: float = 0) -> None:
    with guarding(SERVICE, now=NOW + timedelta(seconds=after_seconds)) as visit:
        visit.worked()


def state() -> str:
    return str(Breaker.objects.get().state)


def test_service_that_never_failed_has_no_row() -> None:
    succeed()
    assert not Breaker.objects.exists()


def test_breaker_opens_after_failures_in_a_row() -> None:
    fail(FAILURES - 1)
    assert state() == BreakerState.CLOSED
    fail()
    with pytest.raises(ServiceClosed, match="It does not answer") as refused, guarding(SERVICE, now=NOW):
        pass
    assert refused.value.retry_at == NOW + timedelta(seconds=switchyard().breakers.first_pause_seconds)


def test_success_begins_the_count_anew() -> None:
    fail(FAILURES - 1)
    succeed()
    fail(FAILURES - 1)
    assert state() == BreakerState.CLOSED


def test_success_after_the_pause_closes_it() -> None:
    fail(FAILURES)
    succeed(after_seconds=10)
    assert state() == BreakerState.CLOSED
    succeed(after_seconds=10)


def test_one_probe_is_let_through_and_no_other() -> None:
    fail(FAILURES)
    later = NOW + timedelta(seconds=10)
    with guarding(SERVICE, now=later) as probe:
        with pytest.raises(ServiceClosed), guarding(SERVICE, now=later):
            pass
        probe.worked()
    assert state() == BreakerState.CLOSED


def test_probe_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    fail(FAILURES)
    at, pauses = 0.0, []
    for _ in range(7):
        at += Breaker.objects.get().pause_seconds
        fail(after_seconds=at)
        pauses.append(Breaker.objects.get().pause_seconds)
    assert pauses == [20, 40, 80, 160, 300, 300, 300]


def test_visitor_in_a_hurry_has_shorter_pauses() -> None:
    fail(FAILURES, longest=15)
    fail(after_seconds=10, longest=15)
    assert Breaker.objects.get().pause_seconds == 15


def test_probe_that_learned_nothing_lets_another_one_begin() -> None:
    fail(FAILURES)
    with (
        pytest.raises(ValueError, match="a fault of ours"),
        guarding(SERVICE, now=NOW + timedelta(seconds=10)),
    ):
        raise ValueError("a fault of ours")  # noqa: EM101, TRY003
    succeed(after_seconds=10)
    assert state() == BreakerState.CLOSED


def test_probe_whose_worker_died_is_given_up() -> None:
    fail(FAILURES)
    dead = guarding(SERVICE, now=NOW + timedelta(seconds=10))
    dead.__enter__()
    with pytest.raises(ServiceClosed), guarding(SERVICE, now=NOW + timedelta(seconds=69)):
        pass
    succeed(after_seconds=70)
    assert state() == BreakerState.CLOSED


def test_late_failure_of_an_old_visit_does_not_end_the_probe() -> None:
    with guarding(SERVICE, now=NOW) as old:
        fail(FAILURES)
        with guarding(SERVICE, now=NOW + timedelta(seconds=10)):
            old.failed("It does not answer.", now=NOW)
            assert state() == BreakerState.HALF_OPEN


def test_visit_that_was_given_up_counts_once() -> None:
    visits: list[Visit] = []
    with noting(visits), guarding(SERVICE, now=NOW) as visit:
        blame(visits, words="It did not end.", now=NOW)
        visit.worked()
        visit.failed("It does not answer.", now=NOW)
    assert visits == []
    assert (Breaker.objects.get().failures, Breaker.objects.get().last_failure) == (1, "It did not end.")


class Visiting(Kind):
    """Visits an outside service."""

    label = "Visit"
    unit = "visits"
    does: ClassVar[Any]

    def work(self, _part: WorkingPart) -> None:
        with guarding(SERVICE, now=timezone.now()) as visit:
            type(self).does(visit)


@pytest.fixture
def visiting(db: None) -> Iterator[type[Visiting]]:
    """The kind `tests.visiting`, whose visits succeed until told otherwise."""
    Visiting.does = Visit.worked
    with kind_in_lane(Visiting, name="tests.visiting", lane="webhooks"):
        yield Visiting


def fail_now() -> None:
    """Open the breaker for the next minute of the real clock."""
    fail(FAILURES)
    Breaker.objects.update(retry_at=timezone.now() + timedelta(minutes=1))


def ask(school: School, key: str) -> Any:
    return submit(kind="tests.visiting", school=school, by=None, arguments={}, key=key)


def test_part_waits_for_a_closed_service_without_losing_an_attempt(visiting: Any, school: School) -> None:
    fail_now()
    job = ask(school, "one")
    run_parts(lane="webhooks")
    part = Part.objects.get()
    assert (part.state, part.attempt, part.waits_for) == (PartState.DELAYED, 0, SERVICE)
    assert part.ready_at == Breaker.objects.get().retry_at
    assert not Attempt.objects.exists()
    job.refresh_from_db()
    assert job.state == JobState.WORKING


def test_one_part_probes_and_all_go_on_when_it_succeeds(visiting: Any, school: School) -> None:
    fail_now()
    for key in ("one", "two", "three"):
        ask(school, key)
    assert run_parts(lane="webhooks") == 3
    Breaker.objects.update(retry_at=NOW)
    assert wake_delayed(now=NOW - timedelta(seconds=1)) == 0
    assert wake_delayed(now=timezone.now()) == 1
    assert run_parts(lane="webhooks") == 1
    assert wake_delayed(now=timezone.now()) == 2
    assert run_parts(lane="webhooks") == 2
    assert set(Part.objects.values_list("state", "attempt")) == {(PartState.DONE, 1)}


def closing_its_connection(verb: Verb) -> None:
    """Run `verb` in a thread that may outlive the test's database."""
    try:
        verb()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_hung_calls_that_are_given_up_open_the_breaker(
    visiting: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, returned = threading.Event(), threading.Semaphore(0)

    def hang(visit: Visit) -> None:
        over.wait(timeout=30)
        visit.worked()
        connection.close()
        returned.release()

    monkeypatch.setattr(runners, "LOOK_SECONDS", 0.02)
    visiting.does, visiting.time_limit_seconds = hang, 0.1
    for number in range(FAILURES + 3):
        ask(school, str(number))
    patient = PatientRunner(most=100)

    def run(verb: Verb, *, hold: Hold) -> None:
        patient(lambda: closing_its_connection(verb), hold=hold)

    while execution.answer(lane="webhooks", worker="test", runner=run):
        pass
    assert state() == BreakerState.OPEN
    assert Part.objects.filter(waits_for=SERVICE, attempt=0).count() == 3
    over.set()
    assert all(returned.acquire(timeout=10) for _ in range(FAILURES))
    assert state() == BreakerState.OPEN
