"""A worker takes on the number of workers that its lane is to have."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from celery.bootsteps import CLOSE, RUN
from pytest_django import Settings

from jobs import memory, resizing
from jobs.consuming import Consumer
from jobs.lanes import Lane
from jobs.resizing import Size
from jobs.sections import MEGABYTE


class Hub:
    """The loop of a worker; takes a turn when the test says so."""

    def __init__(self) -> None:
        """Nothing was asked for yet."""
        self.asked: list[Callable[[], object]] = []

    def call_soon(self, call: Callable[[], object]) -> None:
        self.asked.append(call)

    def call_later(self, _: float, call: Callable[[], object]) -> None:
        self.asked.append(call)

    def turn(self) -> None:
        asked, self.asked = self.asked, []
        for call in asked:
            call()


class Children:
    """A pool of children that forks one at each call."""

    def __init__(self, count: int) -> None:
        """Have so many."""
        self.num_processes = self.there = count

    @property
    def is_growing(self) -> bool:
        return self.there < self.num_processes

    @property
    def is_settled(self) -> bool:
        return self.there == self.num_processes

    def resize(self, children: int) -> None:
        self.num_processes = children
        self.there += self.is_growing


class Worker:
    """A worker with four children."""

    def __init__(self) -> None:
        """Let it do nothing yet."""
        self.hub, self.pool = Hub(), Children(4)
        made: Any = object.__new__(Consumer)  # Celery's constructor wants all of a running worker
        made.hub, made.pool = self.hub, self.pool
        made.blueprint = mock.Mock(state=RUN)
        made._update_prefetch_count = mock.Mock()
        made.connection = mock.Mock()
        self.taken_ahead = made._update_prefetch_count
        self.consumer = made
        self.told: list[tuple[int, int]] = []
        """Slots, and those that only the memory that is kept free forbids."""
        self.size = Size(made, on_told=lambda *told: self.told.append(told))


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_pool_of_the_wanted_size_is_left_alone(worker: Worker) -> None:
    worker.size.want(4)
    assert not worker.hub.asked
    assert not worker.told


def test_pool_grows_by_one_child_at_each_turn_of_the_loop(worker: Worker) -> None:
    worker.size.want(6)
    assert (worker.pool.num_processes, worker.told) == (4, [(6, 0)])
    worker.hub.turn()
    assert (worker.pool.num_processes, worker.pool.there) == (6, 5)
    worker.hub.turn()
    assert worker.pool.there == 6
    worker.hub.turn()
    assert not worker.hub.asked
    assert worker.taken_ahead.mock_calls == [mock.call(2)]


def test_number_that_drops_while_the_pool_grows_is_not_taken_back(worker: Worker) -> None:
    worker.size.want(9)
    worker.hub.turn()
    worker.size.want(5)
    for _ in range(9):
        worker.hub.turn()
    assert (worker.pool.num_processes, worker.pool.there) == (5, 5)


def test_loop_that_does_not_turn_is_asked_once_and_told_the_newest_number(worker: Worker) -> None:
    for slots in (6, 6, 7, 7):
        worker.size.want(slots)
    assert len(worker.hub.asked) == 1
    assert worker.told == [(6, 0), (7, 0)]
    worker.hub.turn()
    assert worker.pool.num_processes == 7


def test_pool_that_has_members_too_many_is_asked_until_it_has_none(worker: Worker) -> None:
    worker.pool.there = 5
    worker.size.want(4)
    worker.hub.turn()
    worker.size.want(4)
    assert len(worker.hub.asked) == 1
    assert not worker.told


def test_worker_that_ends_forks_no_more(worker: Worker) -> None:
    worker.size.want(6)
    worker.consumer.blueprint.state = CLOSE
    worker.hub.turn()
    assert worker.pool.there == 4
    assert not worker.hub.asked


def follow(worker: Worker, settings: Settings, *, pool: Any, spare_megabytes: float) -> mock.Mock:
    """Let the worker, with four slots, look what it is to have: eight, where the host has 2,000 MB left.

    Return what told it how large a child is.
    """
    supervision = {**settings.SWITCHYARD["supervision"], "spare_megabytes": spare_megabytes}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": supervision}
    with (
        mock.patch.object(resizing, "slots_of", return_value=8),
        mock.patch.object(memory, "available_bytes", return_value=2000 * MEGABYTE),
        mock.patch.object(memory, "largest_child_bytes", return_value=100 * MEGABYTE) as measure,
    ):
        resizing.follow(worker.size, lane=Lane(name="packets", workers=4, pool=pool), worker="packets@here-1")
    return measure


@pytest.mark.parametrize(("spare_megabytes", "told"), [(200, (8, 0)), (1800, (6, 2)), (5000, (4, 4))])
def test_worker_tells_how_many_slots_only_the_memory_that_is_kept_free_forbids(
    worker: Worker, settings: Settings, spare_megabytes: float, told: tuple[int, int]
) -> None:
    measure = follow(worker, settings, pool="prefork", spare_megabytes=spare_megabytes)
    assert worker.told == [told]
    assert measure.call_count == 1


@pytest.mark.parametrize(("pool", "available", "slots"), [("prefork", 2000, 4), ("threads", 100, 4)])
def test_worker_begins_with_all_slots_where_there_is_memory(pool: Any, available: int, slots: int) -> None:
    assert begin(pool=pool, available=available) == slots


@pytest.mark.parametrize(("available", "slots"), [(512 + 200, 3), (512 + 70, 1), (512, 1), (100, 1)])
def test_worker_of_children_begins_with_those_that_fit_and_one_at_least(available: int, slots: int) -> None:
    assert begin(pool="prefork", available=available) == slots


def begin(*, pool: Any, available: int) -> int:
    """Return with how many of four slots a worker begins where the host has so many megabytes left."""
    with (
        mock.patch.object(memory, "available_bytes", return_value=available * MEGABYTE),
        mock.patch.object(memory, "largest_child_bytes", return_value=memory.CHILD_BYTES),
    ):
        return resizing.slots_at_start(Lane(name="packets", workers=4, pool=pool))


def test_worker_that_began_with_less_tells_what_is_kept_back(worker: Worker, settings: Settings) -> None:
    worker.pool = worker.consumer.pool = Children(1)
    worker.size = Size(worker.consumer, on_told=lambda *told: worker.told.append(told))
    follow(worker, settings, pool="prefork", spare_megabytes=5000)
    assert worker.told == [(1, 7)]


def test_threads_need_no_memory_of_their_own(worker: Worker, settings: Settings) -> None:
    follow(worker, settings, pool="threads", spare_megabytes=5000)
    assert worker.told == [(8, 0)]


def test_what_is_kept_back_is_told_again_only_when_it_changes(worker: Worker) -> None:
    for kept_back in (0, 2, 2, 0, 0):
        worker.size.want(4, kept_back=kept_back)
    assert worker.told == [(4, 2), (4, 0)]
