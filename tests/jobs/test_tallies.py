"""What processes observe is counted once, however many of them add to it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.utils import timezone

from jobs import lifecycle, losing, publishing, supervision
from jobs.claiming import claim
from jobs.models import Part, School, Sweep, Tally
from jobs.retries import NotNow, PermanentFailure, TemporaryFailure
from jobs.settings import switchyard
from jobs.tallies import REST, SUM, Key, Span, measures, tallies
from jobs.tallying import Tallying, write
from jobs.testing import run_parts, wait_until

FORK = """
import os
from jobs.tallies import Span, tallies
Span("seconds", "Says.", labels=(), bounds=(1,)).observe(1)
child = os.fork()
if child:
    os.waitpid(child, 0)
print("parent" if child else "child", len(tallies.take()), flush=True)
"""


@pytest.fixture(autouse=True)
def _nothing_observed() -> Iterator[None]:
    """Begin without what other tests have observed, and leave nothing."""
    tallies.take()
    yield
    tallies.take()


@pytest.fixture
def span() -> Iterator[Span]:
    """A measure of its own."""
    yield Span("tests_seconds", "How long tests take.", labels=("lane",), bounds=(0.5, 2))
    del measures["tests_seconds"]


def ended() -> dict[str, float]:
    """Return how often attempts of the kind `tests.steps` ended in each way."""
    found = tallies.take()
    return {
        key.labels[2]: times
        for key, times in found.items()
        if key.measure == "switchyard_parts_ended" and key.labels[:2] == ("mail", "tests.steps")
    }


def test_span_falls_into_the_first_bucket_that_holds_it(span: Span) -> None:
    for seconds in (0.1, 0.5, 0.6, 7):
        span.observe(seconds, "mail")
    found = {key.bucket: value for key, value in tallies.take().items()}
    assert found == {"0.5": 2, "2": 1, REST: 1, SUM: pytest.approx(8.2)}


def test_taken_numbers_are_not_taken_again(span: Span) -> None:
    span.observe(1, "mail")
    assert tallies.take()
    assert not tallies.take()


def test_forked_child_begins_without_what_its_parent_observed() -> None:
    # In a process without threads, which a fork would leave behind.
    ran = subprocess.run([sys.executable, "-c", FORK], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["child", "0", "parent", "2"]


def test_each_end_of_an_attempt_is_counted_as_what_it_was(steps: Any, school: School) -> None:
    steps.submit(school, 1, 1, 1, 1, 1)
    run_parts(lane="mail", limit=1000)
    assert ended() == {"done": 7}
    later = timezone.now() + timedelta(days=1)
    steps.errors += [TemporaryFailure("Busy."), PermanentFailure("No."), NotNow("Night.", until=later)]
    steps.submit(school, 1, 1, 1, 1, key="two")
    run_parts(lane="mail")
    assert ended() == {"done": 2, "tried_again": 1, "failed": 1, "put_off": 1}


def test_part_whose_worker_was_lost_is_counted_as_lost_and_at_last_as_failed(
    steps: Any, school: School
) -> None:
    steps.submit(school, 1)
    outcomes = []
    for _ in range(losing.MOST_DEATHS):
        held = claim(lane=switchyard().lanes["mail"], worker="gone", now=timezone.now())
        assert held
        losing.lose(Part.objects.get(pk=held.part.pk), now=timezone.now())
        outcomes.append(ended())
    assert outcomes == [{"lost": 1}, {"lost": 1}, {"failed": 1}]


def test_part_of_a_stopped_job_that_its_process_ended_for_is_counted_as_stopped(
    steps: Any, school: School
) -> None:
    job = steps.submit(school, 1)
    held = claim(lane=switchyard().lanes["mail"], worker="gone", now=timezone.now())
    assert held
    lifecycle.stop(job, by=None)
    assert losing.refuse(Part.objects.get(pk=held.part.pk), error="Too much.", now=timezone.now())
    assert ended() == {"stopped": 1}


def test_parts_tell_how_long_they_waited_and_ran(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    Part.objects.update(ready_at=timezone.now() - timedelta(seconds=100))
    run_parts(lane="mail")
    found = tallies.take()
    labels = ("mail", "tests.steps")
    assert found[Key("switchyard_part_wait_seconds", labels, "300")] == 1
    assert found[Key("switchyard_part_wait_seconds", labels, SUM)] >= 100
    assert SUM in {key.bucket for key in found if key.measure == "switchyard_part_run_seconds"}
    assert SUM in {key.bucket for key in found if key.measure == "switchyard_claim_seconds"}


@pytest.mark.django_db
def test_processes_add_to_the_same_number(span: Span) -> None:
    for seconds in (1, 1.5, 0.25):
        span.observe(seconds, "mail")
        assert write()
    told = {tally.bucket: tally.value for tally in Tally.objects.filter(measure="tests_seconds")}
    assert told == {"0.5": 1, "2": 2, SUM: 2.75}
    assert {json.loads(tally.labels)[0] for tally in Tally.objects.all()} == {"mail"}


@pytest.mark.django_db
def test_what_the_database_did_not_take_is_written_later(span: Span) -> None:
    span.observe(1, "mail")
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("It restarts.")):
        assert not write()
    span.observe(1, "mail")
    assert write()
    assert Tally.objects.get(measure="tests_seconds", bucket=SUM).value == 2


@pytest.mark.django_db(transaction=True)
def test_process_that_ends_writes_what_is_left(span: Span) -> None:
    with Tallying() as tallying:
        span.observe(1, "mail")
    wait_until(lambda: Tally.objects.filter(measure="tests_seconds", bucket=SUM, value=1).exists())
    tallying._thread.join()


@pytest.mark.django_db
def test_each_sweep_says_when_it_was() -> None:
    for _ in range(2):
        now = timezone.now()
        supervision.sweep(now=now)
    newest = Sweep.objects.get()
    assert (newest.at, newest.doorbells) == (now, {})


def test_ring_that_the_broker_does_not_take_is_counted() -> None:
    # The tests' broker is nowhere.
    assert not publishing.ring(lane="mail", kind="emails.test")
    found = tallies.take()
    assert found[Key("switchyard_rings_failed", ("mail",), "")] == 1
    assert found[Key("switchyard_ring_seconds", ("mail",), SUM)] > 0
