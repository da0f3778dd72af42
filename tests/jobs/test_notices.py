"""What a forked child is at is known to its worker when the child dies."""

import os
from collections.abc import Iterator

import pytest

from jobs.notices import Notices


@pytest.fixture
def notices() -> Iterator[Notices]:
    made = Notices()
    yield made
    made.close()


def test_what_was_begun_and_not_ended_is_left(notices: Notices) -> None:
    for part in (1, 2, 3):
        notices.begin(part, 7)
    notices.end(2, 7)
    assert notices.left_by(os.getpid()) == {(1, 7), (3, 7)}
    assert notices.left_by(os.getpid()) == set()


def test_notices_of_another_process_are_kept_apart(notices: Notices) -> None:
    notices.begin(1, 7)
    child = os.fork()
    if child == 0:
        notices.begin(2**40, 2**50)
        os._exit(0)
    os.waitpid(child, 0)
    assert notices.left_by(child) == {(2**40, 2**50)}
    assert notices.left_by(os.getpid()) == {(1, 7)}


def test_pipe_that_is_full_is_no_reason_to_wait(notices: Notices) -> None:
    for fence in range(10_000):
        notices.begin(5, fence)
    notices.listen()
    notices.begin(6, 1)
    left = notices.left_by(os.getpid())
    assert {(5, 0), (6, 1)} <= left
    assert len(left) < 10_000


def test_worker_that_has_closed_its_ear_stops_no_child() -> None:
    gone = Notices()
    os.close(gone._ear)
    gone.begin(1, 1)
    os.close(gone._pipe)


def test_child_says_why_it_is_to_be_replaced_until_it_has_ended(notices: Notices) -> None:
    me = os.getpid()
    assert notices.why_leaves(me) == ""
    notices.leave("memory")
    assert notices.why_leaves(me) == "memory"
    notices.left_by(me)
    assert notices.why_leaves(me) == ""
