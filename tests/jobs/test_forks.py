"""The pool of forked children takes on another number of them while some are too many, and busy."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from billiard.pool import CLOSE, RUN
from celery.concurrency.prefork import TaskPool

from jobs.forks import Forks, NotingPool

NEW = 50
"""The id of a child that takes the place of another one."""


@dataclass
class Child:
    """A child at a place, which ends when it is asked to."""

    index: int
    pid: int
    times_asked_to_end: int = 0

    @property
    def inqW_fd(self) -> int:  # noqa: N802  (billiard's name)
        return 1000 + self.pid

    def terminate_controlled(self) -> None:
        self.times_asked_to_end += 1


class Pool(NotingPool):
    """A pool that forks nothing."""

    def __init__(self, places: list[int], *, busy: set[int]) -> None:
        """Have a child at each of the `places`, some of them `busy`; billiard's constructor would fork."""
        self._pool: list[Any] = [Child(index=place, pid=place) for place in places]
        self._processes = len(places)
        self._putlock = mock.Mock()
        self._queues: dict[Any, Any] = dict.fromkeys(range(len(places)))
        self._busy_workers = {1000 + place for place in busy}
        self._mark_worker_as_available = self._busy_workers.discard
        self._state = RUN
        self._soon: list[Callable[[], object]] = []
        self._call_soon = self._soon.append

    def _create_worker_process(self, i: int) -> None:
        self._pool.append(Child(index=i, pid=NEW if i in {child.pid for child in self._pool} else i))

    def turn(self) -> None:
        """Let the loop call what it was asked to."""
        for call in self._soon:
            call()

    def answer(self, place: int) -> None:
        """Let the child there have answered its doorbell."""
        self.on_job_ready(0, 0, None, 1000 + place)

    def let_end(self) -> None:
        """Take away the children that were asked to end."""
        self._pool = [child for child in self._pool if not child.times_asked_to_end]

    @property
    def places(self) -> list[int]:
        return sorted(child.index for child in self._pool)


@pytest.fixture
def pool() -> Pool:
    """A pool of six that was to have one child while three were busy."""
    pool = Pool([0, 1, 2, 3, 4, 5], busy={0, 4, 5})
    pool.resize(1)
    pool.let_end()
    return pool


def test_only_children_without_a_doorbell_are_ended(pool: Pool) -> None:
    assert pool.places == [0, 4, 5]
    assert not pool.is_settled
    assert not pool.is_growing


def test_children_too_many_do_not_stand_in_for_those_wanted(pool: Pool) -> None:
    pool.resize(3)
    assert pool.is_growing
    pool.resize(3)
    assert pool.places == [0, 1, 2, 4, 5]
    assert not pool.is_growing
    assert not pool.is_settled


def test_children_too_many_end_with_the_doorbell_that_they_have(pool: Pool) -> None:
    pool.resize(3)
    pool.resize(3)
    pool.answer(4)
    pool.answer(0)
    pool.let_end()
    assert pool.places == [0, 1, 2, 5]
    pool.answer(5)
    pool.let_end()
    assert pool.places == [0, 1, 2]
    assert pool.is_settled


def test_child_that_ends_is_asked_once_and_gets_no_doorbell(pool: Pool) -> None:
    pool.answer(5)
    pool.resize(1)
    ending = next(child for child in pool._pool if child.index == 5)
    assert ending.times_asked_to_end == 1
    assert ending.inqW_fd in pool._busy_workers


def test_child_that_was_asked_to_end_is_missed_once_it_has() -> None:
    pool = Pool([0, 1, 2], busy=set())
    pool.resize(2)
    pool.resize(3)
    assert not pool.is_growing
    pool.let_end()
    assert pool.is_growing


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets go the child 1, and no other."""
    made = mock.Mock()
    made.lets_go.side_effect = lambda process: process == 1
    monkeypatch.setattr(NotingPool, "judge", made)


@pytest.mark.usefixtures("judge")
def test_child_that_is_to_be_replaced_ends_and_another_one_has_its_place_at_once() -> None:
    pool = Pool([0, 1], busy={0, 1})
    pool.answer(0)
    pool.answer(1)
    leaving = pool._pool[1]
    assert (leaving.times_asked_to_end, leaving.inqW_fd in pool._busy_workers) == (1, True)
    pool.turn()
    assert pool._missing == []
    assert not pool.is_settled
    pool.let_end()
    assert ([child.pid for child in pool._pool], pool.is_settled) == ([0, NEW], True)


@pytest.mark.usefixtures("judge")
def test_pool_that_ends_replaces_nobody() -> None:
    pool = Pool([0, 1], busy={0, 1})
    pool._state = CLOSE
    pool.answer(1)
    assert not pool._soon
    pool._state = RUN
    pool.answer(1)
    pool._state = CLOSE
    pool.turn()
    assert len(pool._pool) == 2


@pytest.mark.usefixtures("judge")
def test_child_too_many_that_is_to_be_replaced_is_not() -> None:
    pool = Pool([0, 1], busy={1})
    pool.resize(1)
    pool.answer(1)
    pool.turn()
    pool.let_end()
    assert pool.places == [0]


def test_new_child_gets_pipes_of_its_own_while_the_old_one_still_has_its_own() -> None:
    pool = Pool([0, 1], busy=set())
    pool.create_process_queues = lambda: "third"
    pool._queues = {"first": pool._pool[0], "second": pool._pool[1]}
    assert pool.get_process_queues() == "third"
    assert pool.get_process_queues() == "third"


def test_what_is_loaded_before_the_first_fork_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[int] = []
    monkeypatch.setattr(TaskPool, "on_start", lambda _: frozen.append(gc.get_freeze_count()))
    try:
        Forks(1).on_start()
    finally:
        gc.unfreeze()
    assert frozen[0] > 10_000
