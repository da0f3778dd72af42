"""A worker that was asked to end leaves in time."""

import os
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from django.utils import timezone

from jobs import leaving
from jobs.claiming import claim
from jobs.leaving import Leaving
from jobs.models import Part, PartState, School
from jobs.settings import switchyard
from jobs.testing import wait_until

WORKER = "mail@here-1"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Iterator["SimpleQueue[int]"]:
    """The exit codes with which the worker left; it was asked to end a moment ago."""
    monkeypatch.setattr(leaving, "ORDERLY_SECONDS", 0)
    monkeypatch.setattr(leaving, "LOOK_SECONDS", 0.01)
    codes: SimpleQueue[int] = SimpleQueue()
    prepared = Leaving(worker=WORKER, leave=codes.put)
    prepared.start()
    prepared.begin()
    yield codes
    wait_until(lambda: not {"leaving", "in-hand"} & {thread.name for thread in threading.enumerate()})


@pytest.fixture
def held(steps: Any, school: School) -> Part:
    """A part that the worker has in hand."""
    steps.submit(school, 1)
    found = claim(lane=switchyard().lanes["mail"], worker=WORKER, now=timezone.now())
    assert found is not None
    return found.part


def test_worker_with_nothing_in_hand_leaves(left: "SimpleQueue[int]") -> None:
    assert left.get(timeout=20) == os.EX_OK


def test_worker_stays_until_its_parts_have_ended_or_gone_back(
    monkeypatch: pytest.MonkeyPatch, held: Part, request: pytest.FixtureRequest
) -> None:
    looks = threading.Semaphore(0)
    look = Leaving._look

    def count(self: Leaving, answers: "SimpleQueue[bool]") -> None:
        look(self, answers)
        looks.release()

    monkeypatch.setattr(Leaving, "_look", count)
    monkeypatch.setattr(leaving, "ANSWER_SECONDS", 20)
    left: SimpleQueue[int] = request.getfixturevalue("left")
    for _ in range(3):
        assert looks.acquire(timeout=20)
    assert left.empty()
    Part.objects.filter(pk=held.pk).update(state=PartState.WAITING, leased_until=None)
    assert left.get(timeout=20) == os.EX_OK


@pytest.mark.usefixtures("held")
def test_worker_whose_database_does_not_answer_leaves(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(Leaving, "_look", lambda _self, _answers: is_over.wait(60))
    left: SimpleQueue[int] = request.getfixturevalue("left")
    assert left.get(timeout=20) == os.EX_OK
    is_over.set()
