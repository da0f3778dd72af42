"""A pool of threads whose number can change while they work."""

import threading
from collections.abc import Iterator

import pytest

from jobs.testing import wait_until
from jobs.threads import Threads

pytestmark = pytest.mark.django_db


class Calls:
    """Calls that last until the test lets them end."""

    def __init__(self, pool: Threads) -> None:
        """Make none yet."""
        self._pool = pool
        self._ends = threading.Semaphore(0)
        self._counting = threading.Lock()
        self.working = 0
        self.ended: list[int] = []

    def make(self, numbers: range) -> None:
        for number in numbers:
            self._pool.apply_async(self._call, (number,), callback=self.ended.append)

    def _call(self, number: int) -> int:
        with self._counting:
            self.working += 1
        assert self._ends.acquire(timeout=20)
        with self._counting:
            self.working -= 1
        return number

    def end(self, count: int) -> None:
        self._ends.release(count)


@pytest.fixture
def pool() -> Iterator[Threads]:
    """A pool of two threads."""
    made = Threads(2)
    made.start()
    yield made
    made.stop()
    assert not made._threads


def test_so_many_calls_run_at_once_and_the_others_wait_their_turn(pool: Threads) -> None:
    calls = Calls(pool)
    calls.make(range(5))
    wait_until(lambda: calls.working == 2)
    calls.end(1)
    wait_until(lambda: len(calls.ended) == 1 and calls.working == 2)
    calls.end(4)
    wait_until(lambda: sorted(calls.ended) == [0, 1, 2, 3, 4])


def test_pool_that_grows_takes_more_at_once(pool: Threads) -> None:
    calls = Calls(pool)
    calls.make(range(5))
    pool.resize(4)
    wait_until(lambda: calls.working == 4)
    assert (pool.num_processes, pool.is_settled) == (4, True)
    calls.end(5)
    wait_until(lambda: len(calls.ended) == 5)


def test_pool_that_shrinks_lets_calls_end_and_begins_no_more_than_it_may(pool: Threads) -> None:
    calls = Calls(pool)
    calls.make(range(5))
    wait_until(lambda: calls.working == 2)
    pool.resize(1)
    assert not pool.is_settled
    calls.end(1)
    wait_until(lambda: len(calls.ended) == 1 and pool.is_settled)
    assert calls.working == 1
    calls.end(4)
    wait_until(lambda: len(calls.ended) == 5)


def test_thread_lives_on_after_a_call_that_raised(pool: Threads) -> None:
    pool.resize(1)
    pool.apply_async(lambda: 1 / 0, callback=lambda _: None)
    calls = Calls(pool)
    calls.end(1)
    calls.make(range(1))
    wait_until(lambda: calls.ended == [0])


def test_pool_that_stops_waits_for_what_has_begun_and_drops_the_rest() -> None:
    pool = Threads(1)
    pool.start()
    calls = Calls(pool)
    calls.make(range(2))
    wait_until(lambda: calls.working == 1)
    stopping = threading.Thread(target=pool.stop)
    stopping.start()
    wait_until(lambda: pool._is_ending)
    assert stopping.is_alive()
    calls.end(2)
    stopping.join(timeout=20)
    assert not stopping.is_alive()
    assert calls.ended == [0]
