"""The pool of forked children takes on another number of them while some are too many, and busy."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from jobs.forks import NotingPool


@dataclass
class Child:
    """A child at a place, which ends when it is asked to."""

    index: int
    ended: list[int] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return 1000 + self.index

    def terminate_controlled(self) -> None:
        self.ended.append(self.index)


class Pool(NotingPool):
    """A pool that forks nothing."""

    def __init__(self, places: list[int]) -> None:
        """Have a child at each of the `places`; billiard's constructor would fork them."""
        self._pool: list[Any] = [Child(index=place) for place in places]
        self._processes = len(places)
        self._putlock = mock.Mock()
        self._cache: dict[int, Any] = {}
        self._queues: dict[Any, Any] = dict.fromkeys(range(len(places)))

    def _create_worker_process(self, i: int) -> None:
        self._pool.append(Child(index=i))

    def make_busy(self, *places: int) -> None:
        for place in places:
            self._cache[place] = SimpleNamespace(worker_pids=lambda place=place: [1000 + place])

    def let_end(self) -> None:
        """Take away the children that were asked to end."""
        self._pool = [child for child in self._pool if not child.ended]

    @property
    def places(self) -> list[int]:
        return sorted(child.index for child in self._pool)


@pytest.fixture
def pool() -> Pool:
    """A pool that was to have one child of six while two others were busy."""
    pool = Pool([0, 1, 2, 3, 4, 5])
    pool.make_busy(0, 4, 5)
    pool.resize(1)
    pool.let_end()
    return pool


def test_only_children_with_nothing_in_hand_are_ended(pool: Pool) -> None:
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


def test_children_too_many_end_once_they_have_nothing_in_hand(pool: Pool) -> None:
    pool.resize(3)
    pool.resize(3)
    pool._cache.clear()
    pool.resize(3)
    pool.let_end()
    assert pool.places == [0, 1, 2]
    assert pool.is_settled


def test_child_that_was_asked_to_end_is_missed_once_it_has(pool: Pool) -> None:
    pool._pool[1].terminate_controlled()
    pool.resize(5)
    pool.let_end()
    assert pool.is_growing
