"""Signs of life from process to process."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from jobs.pulses import ABSENT_SECONDS, FIRST_SECONDS, PROCESS, SILENT_SECONDS, Listener, NoPipe, Pulse
from jobs.testing import wait_until

OTHER = 4711
PULSE = "import sys; from jobs.pulses import Pulse; Pulse(pipe=int(sys.argv[1])).beat()"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listener that listens for the first time at 100."""
    made = Listener()
    made.silent([], now=100)
    yield made
    made.close()


def say(listener: Listener, process: int) -> None:
    os.write(listener.pipe, PROCESS.pack(process))


def listen(listener: Listener, *, until: float, to: tuple[int, ...] = (OTHER,)) -> set[int]:
    """Listen each second from 101 to `until` and return who is silent then."""
    found: set[int] = set()
    for now in range(101, int(until) + 1):
        found = listener.silent(to, now=now)
    return found


def test_process_that_is_silent_for_long_stands_still(listener: Listener) -> None:
    say(listener, OTHER)
    assert listen(listener, until=100 + SILENT_SECONDS) == set()
    assert listener.silent([OTHER], now=101 + SILENT_SECONDS) == {OTHER}


def test_process_that_goes_on_giving_signs_does_not(listener: Listener) -> None:
    for now in range(101, 140):
        say(listener, OTHER)
        assert listener.silent([OTHER], now=now) == set()


def test_process_that_starts_gets_a_minute_until_its_first_sign(listener: Listener) -> None:
    assert listen(listener, until=100 + FIRST_SECONDS) == set()
    assert listener.silent([OTHER], now=101 + FIRST_SECONDS) == {OTHER}


def test_listener_that_stood_still_itself_blames_nobody(listener: Listener) -> None:
    say(listener, OTHER)
    listener.silent([OTHER], now=101)
    woken_at = 101 + 10 * SILENT_SECONDS
    assert woken_at - 101 > ABSENT_SECONDS
    assert listener.silent([OTHER], now=woken_at) == set()


def test_id_that_is_used_again_starts_anew(listener: Listener) -> None:
    say(listener, OTHER)
    listen(listener, until=100 + SILENT_SECONDS)
    listener.silent([], now=101 + SILENT_SECONDS)
    assert listener.silent([OTHER], now=102 + SILENT_SECONDS) == set()


def test_sign_of_life_comes_from_another_process(listener: Listener) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PULSE, str(listener.pipe)], pass_fds=[listener.pipe]
    ) as process:
        assert process.wait() == 0
    assert listener._heard() == {process.pid}


def test_pulse_goes_on_by_itself_until_nobody_can_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.pulses.PULSE_SECONDS", 0.01)
    listener = Listener()
    pulse = Pulse(pipe=listener.pipe)
    pulse.start()
    for _ in range(2):
        wait_until(lambda: listener._heard() == {os.getpid()})
    os.close(listener._ear)
    wait_until(lambda: "pulse" not in {thread.name for thread in threading.enumerate()})
    assert not pulse.beat()
    os.close(listener.pipe)


def test_pipe_that_nobody_empties_holds_nobody_up(listener: Listener) -> None:
    pulse = Pulse(pipe=listener.pipe)
    for _ in range(20_000):
        assert pulse.beat()
    assert listener._heard() == {os.getpid()}


def test_what_is_no_pipe_is_refused() -> None:
    for wrong in (9999, os.open(os.devnull, os.O_WRONLY)):
        with pytest.raises(NoPipe, match=f"File descriptor {wrong} is no pipe"):
            Pulse(pipe=wrong)
    os.close(wrong)
