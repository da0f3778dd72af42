"""Signs of life from process to process."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import pulses
from jobs.pulses import (
    ABSENT_SECONDS,
    FIRST_SECONDS,
    PROCESS,
    SILENT_SECONDS,
    ChildrenListener,
    Listener,
    Pulse,
)
from jobs.testing import wait_until

OTHER = 2**22 + 1
"""No process has this id: Linux has none above 2**22."""
PULSE = (
    "import sys; from pathlib import Path; from jobs.pulses import Pulse; Pulse(to=Path(sys.argv[1])).beat()"
)
PULSES = """
import sys
from pathlib import Path
from jobs import pulses
pulses.PULSE_SECONDS = 0.01
pulses.Pulse(to=Path(sys.argv[1])).start()
sys.stdin.read()
"""


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe."""
    os.mkfifo(tmp_path / "codes.pulses")
    return tmp_path / "codes.pulses"


@pytest.fixture
def listener(pipe: Path) -> Iterator[Listener]:
    """A listener that listens for the first time at 100."""
    made = Listener.at([pipe])
    made.silent([], now=100)
    yield made
    made.close()


def say(pipe: Path, process: int) -> None:
    with pipe.open("wb") as opened:
        opened.write(PROCESS.pack(process))


def listen(listener: Listener, *, until: float, to: tuple[int, ...] = (OTHER,)) -> set[int]:
    """Listen each second from 101 to `until` and return who is silent then."""
    found: set[int] = set()
    for now in range(101, int(until) + 1):
        found = listener.silent(to, now=now)
    return found


def test_process_that_is_silent_for_long_stands_still(listener: Listener, pipe: Path) -> None:
    say(pipe, OTHER)
    assert listen(listener, until=100 + SILENT_SECONDS) == set()
    assert listener.silent([OTHER], now=101 + SILENT_SECONDS) == {OTHER}


def test_process_that_goes_on_giving_signs_does_not(listener: Listener, pipe: Path) -> None:
    for now in range(101, 140):
        say(pipe, OTHER)
        assert listener.silent([OTHER], now=now) == set()


def test_process_that_begins_slowly_does_not_stand_still(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = itertools.count(1)
    monkeypatch.setattr(pulses, "_processor_seconds", lambda _: 0.01 * next(used))

    assert listen(listener, until=100 + 10 * FIRST_SECONDS) == set()


def test_process_that_stopped_while_it_began_stands_still(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulses, "_processor_seconds", lambda _: 2.5)

    assert listen(listener, until=100 + FIRST_SECONDS) == set()
    assert listener.silent([OTHER], now=101 + FIRST_SECONDS) == {OTHER}


def test_processor_time_is_no_sign_of_life_of_one_that_has_begun(
    listener: Listener, pipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = itertools.count(1)
    monkeypatch.setattr(pulses, "_processor_seconds", lambda _: 0.01 * next(used))
    say(pipe, OTHER)

    assert listen(listener, until=100 + SILENT_SECONDS) == set()
    assert listener.silent([OTHER], now=101 + SILENT_SECONDS) == {OTHER}


def test_processor_time_is_told_of_real_processes() -> None:
    assert pulses._processor_seconds(os.getpid()) > 0
    assert pulses._processor_seconds(OTHER) == 0


def test_process_that_starts_gets_a_minute_until_its_first_sign(listener: Listener) -> None:
    assert listen(listener, until=100 + FIRST_SECONDS) == set()
    assert listener.silent([OTHER], now=101 + FIRST_SECONDS) == {OTHER}


def test_listener_that_stood_still_itself_blames_nobody(listener: Listener, pipe: Path) -> None:
    say(pipe, OTHER)
    listener.silent([OTHER], now=101)
    woken_at = 101 + 10 * SILENT_SECONDS
    assert woken_at - 101 > ABSENT_SECONDS
    assert listener.silent([OTHER], now=woken_at) == set()


def test_id_that_is_used_again_starts_anew(listener: Listener, pipe: Path) -> None:
    say(pipe, OTHER)
    listen(listener, until=100 + SILENT_SECONDS)
    listener.silent([], now=101 + SILENT_SECONDS)
    assert listener.silent([OTHER], now=102 + SILENT_SECONDS) == set()


def test_process_that_gave_signs_to_another_listener_is_silent_from_now(listener: Listener) -> None:
    listener.expect(OTHER, age_seconds=FIRST_SECONDS, now=100)
    assert listen(listener, until=99 + SILENT_SECONDS) == set()
    assert listener.silent([OTHER], now=100 + SILENT_SECONDS) == {OTHER}


def test_young_process_gets_the_rest_of_its_minute_from_the_next_listener_too(listener: Listener) -> None:
    listener.expect(OTHER, age_seconds=20, now=100)
    assert listen(listener, until=100 + FIRST_SECONDS - 21) == set()
    assert listener.silent([OTHER], now=100 + FIRST_SECONDS - 20) == {OTHER}


def test_sign_of_life_comes_from_another_process(listener: Listener, pipe: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PULSE, str(pipe)]) as process:
        assert process.wait() == 0
    assert listener._heard() == {process.pid}


def test_child_gives_signs_through_the_pipe_that_it_has_from_its_parent() -> None:
    listener = ChildrenListener()
    command = [sys.executable, "-c", PULSE, str(listener.pipe)]
    with subprocess.Popen(command, pass_fds=[int(listener.pipe.name)]) as child:
        assert child.wait() == 0
    assert listener._heard() == {child.pid}
    listener.close()


def test_pulse_goes_on_while_nobody_listens_and_reaches_the_next_one(pipe: Path) -> None:
    first = Listener.at([pipe])
    with subprocess.Popen([sys.executable, "-c", PULSES, str(pipe)], stdin=subprocess.PIPE) as child:
        wait_until(lambda: first._heard() == {child.pid})
        first.close()
        second = Listener.at([pipe])
        wait_until(lambda: second._heard() == {child.pid})
        child.communicate()
    second.close()


def test_pipe_that_nobody_empties_holds_nobody_up(listener: Listener, pipe: Path) -> None:
    pulse = Pulse(to=pipe)
    for _ in range(20_000):
        pulse.beat()
    assert listener._heard() == {os.getpid()}


def test_pipe_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    Pulse(to=tmp_path / "missing").beat()
