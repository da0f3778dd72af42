"""Posts: filled, watched, and filled again after a pause."""

import subprocess
import sys
import time

import pytest

from jobs.posts import Ended, Post, end


class FakeProcess:
    """A process that ends when the test says so."""

    pid = 1

    def __init__(self) -> None:
        """Live."""
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.code = 0

    def kill(self) -> None:
        self.code = -9

    def wait(self, timeout: float | None = None) -> int:
        if self.code is None:
            raise subprocess.TimeoutExpired(cmd="fake", timeout=timeout or 0)
        return self.code


@pytest.fixture
def started() -> list[FakeProcess]:
    return []


@pytest.fixture
def post(started: list[FakeProcess]) -> Post:
    def start(_name: str) -> FakeProcess:
        started.append(FakeProcess())
        return started[-1]

    return Post(name="codes", start=start)


def test_post_is_filled_at_once_and_left_alone_while_its_process_lives(
    post: Post, started: list[FakeProcess]
) -> None:
    for now in (100.0, 101.0, 102.0):
        assert post.tend(now=now) is None
    assert len(started) == 1


def test_end_is_told_and_the_next_process_comes_after_a_pause(post: Post, started: list[FakeProcess]) -> None:
    post.tend(now=100)
    started[0].code = -9
    assert post.tend(now=101) == Ended(name="codes", pid=started[0].pid, code=-9, pause_seconds=1)
    post.tend(now=101.9)
    assert len(started) == 1
    post.tend(now=102)
    assert len(started) == 2


def test_pause_doubles_to_thirty_seconds(post: Post, started: list[FakeProcess]) -> None:
    now, pauses = 100.0, []
    for _ in range(7):
        post.tend(now=now)
        started[-1].code = 1
        ended = post.tend(now=now)
        assert ended is not None
        pauses.append(ended.pause_seconds)
        now += ended.pause_seconds
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_minute_of_health_makes_the_pause_short_again(post: Post, started: list[FakeProcess]) -> None:
    post.tend(now=100)
    started[0].code = 1
    post.tend(now=100)
    post.tend(now=101)
    started[1].code = 1
    ended = post.tend(now=161)
    assert ended is not None
    assert ended.pause_seconds == 1


def test_process_that_does_not_end_in_time_is_killed() -> None:
    process = FakeProcess()
    process.terminate = lambda: None  # type: ignore[method-assign]  # it does not hear
    assert end(process, deadline=time.monotonic() + 0.01)
    assert process.code == -9


def test_process_that_ends_in_time_is_not_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        assert not end(process, deadline=time.monotonic() + 20)
