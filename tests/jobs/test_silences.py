"""A broker that accepts connections and says nothing."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from switchyard.yard.ports import LOOPBACK

from jobs.publishing import ANSWER_SECONDS, ring
from jobs.silences import LONG_SECONDS, QUIET_SECONDS, Silence
from tests.jobs.test_publishing import publishing_to


@pytest.fixture
def frozen_broker() -> Iterator[None]:
    with socket.create_server((LOOPBACK, 0)) as server, publishing_to(_url(server)):
        yield


def _url(server: socket.socket) -> str:
    return f"redis://{LOOPBACK}:{server.getsockname()[1]}/0"


def silent(silence: Silence, *, waited_seconds: float = LONG_SECONDS) -> Silence:
    for _ in range(2):
        silence.note(waited_seconds=waited_seconds)
    return silence


def test_frozen_broker_costs_two_waits_and_not_one_for_each_lane(frozen_broker: None) -> None:
    began = time.monotonic()
    assert not any(ring(lane=lane, kind="jobs.canary") for lane in ("codes", "mail", "bulk", "packets"))
    assert time.monotonic() - began < 3 * ANSWER_SECONDS


def test_thread_asks_again_a_moment_later() -> None:
    now = 100.0
    silence = silent(Silence(clock=lambda: now))
    assert silence.lasts()
    now += QUIET_SECONDS
    assert not silence.lasts()


def test_broker_that_answers_is_asked_at_once() -> None:
    silence = silent(Silence())
    silence.end()
    assert not silence.lasts()


def test_one_wait_may_be_the_fault_of_an_old_connection() -> None:
    silence = Silence()
    silence.note(waited_seconds=LONG_SECONDS)
    assert not silence.lasts()


def test_quick_failures_keep_nobody_from_asking() -> None:
    silence = silent(Silence(), waited_seconds=LONG_SECONDS / 2)
    assert not silence.lasts()


def test_thread_is_not_kept_from_asking_by_another_one() -> None:
    heard = []
    silence = silent(Silence())
    other = threading.Thread(target=lambda: heard.append(silence.lasts()))
    other.start()
    other.join()
    assert silence.lasts()
    assert heard == [False]
