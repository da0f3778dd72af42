"""Whether a worker still hears the doorbells of its lane."""

import pytest

from jobs.hearing import ABSENT_SECONDS, DEAF_SECONDS, LOOK_SECONDS, Hearing


class Queue:
    """A lane's queue and a worker, as the test wants them."""

    def __init__(self) -> None:
        """A doorbell lies there, and the worker has nothing in hand."""
        self.doorbells: int | None = 1
        self.is_busy = False
        self.now = 1000.0
        self.hearing = Hearing(doorbells=lambda: self.doorbells, is_busy=lambda: self.is_busy)
        self.hearing.is_deaf(now=self.now)

    def look(self, *, seconds: float = LOOK_SECONDS) -> bool:
        self.now += seconds
        return self.hearing.is_deaf(now=self.now)

    def look_for(self, seconds: float) -> bool:
        """Look as often as a worker does and return what the last look found."""
        return [self.look() for _ in range(int(seconds / LOOK_SECONDS))][-1]


@pytest.fixture
def queue() -> Queue:
    return Queue()


def test_worker_that_takes_no_doorbell_for_long_is_deaf(queue: Queue) -> None:
    assert not queue.look_for(DEAF_SECONDS)
    assert queue.look()


def test_worker_that_takes_one_now_and_then_is_not(queue: Queue) -> None:
    for _ in range(5):
        assert not queue.look_for(DEAF_SECONDS - LOOK_SECONDS)
        queue.hearing.hear()
        assert not queue.look()


def test_worker_with_a_doorbell_in_hand_is_not_judged(queue: Queue) -> None:
    queue.is_busy = True
    assert not queue.look_for(3 * DEAF_SECONDS)
    queue.is_busy = False
    assert not queue.look_for(DEAF_SECONDS)
    assert queue.look()


@pytest.mark.parametrize("doorbells", [0, None])
def test_worker_whose_queue_is_empty_or_whose_broker_is_away_is_not_judged(
    queue: Queue, doorbells: int | None
) -> None:
    queue.look_for(DEAF_SECONDS)
    queue.doorbells = doorbells
    assert not queue.look_for(3 * DEAF_SECONDS)
    queue.doorbells = 1
    assert not queue.look_for(DEAF_SECONDS)


def test_worker_that_stood_still_itself_begins_anew(queue: Queue) -> None:
    queue.look_for(DEAF_SECONDS)
    assert not queue.look(seconds=ABSENT_SECONDS + 1)
    assert not queue.look_for(DEAF_SECONDS)
    assert queue.look()
