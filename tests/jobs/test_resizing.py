"""A worker takes on the number of workers that the settings have for its lane."""

from collections.abc import Callable
from typing import Any

from jobs.resizing import fit


class Hub:
    """The loop of a worker; runs what it was asked for when the test says so."""

    def __init__(self) -> None:
        """Nothing was asked for yet."""
        self.asked: list[tuple[Callable[..., object], tuple[object, ...]]] = []

    def call_soon(self, call: Callable[..., object], *arguments: object) -> None:
        self.asked.append((call, arguments))

    def run(self) -> None:
        for call, arguments in self.asked:
            call(*arguments)
        self.asked.clear()


class Worker:
    """A consumer with a pool that takes what it is asked for."""

    def __init__(self, *, slots: int) -> None:
        """Have a pool of so many `slots`."""
        self.hub = Hub()
        self.pool = self
        self.num_processes = slots
        self.is_settled = True
        self.told: list[int] = []

    def resize(self, slots: int) -> None:
        self.num_processes = slots


def look(worker: Any, *, slots: int) -> None:
    fit(worker, slots=slots, on_resized=worker.told.append)


def test_pool_of_the_wanted_size_is_left_alone() -> None:
    worker = Worker(slots=4)
    look(worker, slots=4)
    assert not worker.hub.asked
    assert not worker.told


def test_pool_gets_the_wanted_size_in_the_loop_and_it_is_told() -> None:
    worker = Worker(slots=4)
    look(worker, slots=6)
    assert worker.num_processes == 4
    worker.hub.run()
    assert (worker.num_processes, worker.told) == (6, [6])


def test_pool_that_has_members_too_many_is_asked_until_it_has_none() -> None:
    worker = Worker(slots=4)
    worker.is_settled = False
    look(worker, slots=4)
    assert [arguments for _, arguments in worker.hub.asked] == [(4,)]
    assert not worker.told
