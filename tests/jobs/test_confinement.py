"""Calls with limits, in real processes."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jobs.confinement import Bound, Confinement, Crashed, Limits, OutOfBounds

CALLS = Path(__file__).with_name("confined")
LIMITS = Limits(megabytes=100, cpu_seconds=20, seconds=60)


@pytest.fixture
def confinement(monkeypatch: pytest.MonkeyPatch) -> Iterator[Confinement]:
    monkeypatch.syspath_prepend(str(CALLS))
    made = Confinement(preload=["unruly"], limits=LIMITS)
    yield made
    made.close()


def test_answer_is_what_the_function_made(confinement: Confinement) -> None:
    given = {"text": "Zoë", "list": [1, None, 2.5], "map": {"a": True}}

    assert confinement.run("unruly:echo", given) == given


def test_each_call_has_a_process_for_itself(confinement: Confinement) -> None:
    processes = {confinement.run("unruly:process", {}) for _ in range(3)}

    assert len(processes) == 3
    assert os.getpid() not in processes


def test_what_is_printed_is_no_answer(confinement: Confinement) -> None:
    assert confinement.run("unruly:chatter", {}) == "the answer"


def test_our_passwords_are_not_in_its_environment(
    confinement: Confinement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://of-ours")

    assert "DATABASE_URL" not in confinement.run("unruly:environment", {})


@pytest.mark.parametrize("call", ["unruly:fill", "unruly:fill_elsewhere"])
def test_too_much_memory_ends_a_call(confinement: Confinement, call: str) -> None:
    with pytest.raises(OutOfBounds) as ended:
        confinement.run(call, {"megabytes": 4000})

    assert ended.value.bound is Bound.MEMORY


def test_memory_within_the_limit_is_let(confinement: Confinement) -> None:
    assert confinement.run("unruly:fill", {"megabytes": 60}) == 60


def test_too_much_time_of_a_processor_ends_a_call(confinement: Confinement) -> None:
    limits = Limits(megabytes=100, cpu_seconds=1, seconds=60)

    with pytest.raises(OutOfBounds) as ended:
        confinement.run("unruly:turn", {}, limits=limits)

    assert ended.value.bound is Bound.CPU


def test_too_much_time_ends_a_call(confinement: Confinement) -> None:
    limits = Limits(megabytes=100, cpu_seconds=20, seconds=0.2)

    with pytest.raises(OutOfBounds) as ended:
        confinement.run("unruly:sleep", {"seconds": 600}, limits=limits)

    assert ended.value.bound is Bound.TIME


def test_crash_is_told(confinement: Confinement) -> None:
    with pytest.raises(Crashed, match="SIGSEGV"):
        confinement.run("unruly:break_down", {})


def test_leaving_without_an_answer_is_a_crash(confinement: Confinement) -> None:
    with pytest.raises(Crashed, match="without an answer"):
        confinement.run("unruly:leave", {})


def test_error_is_told_by_its_place_and_not_by_its_words(confinement: Confinement) -> None:
    with pytest.raises(Crashed, match=r"ValueError in fail, .*unruly\.py") as crashed:
        confinement.run("unruly:fail", {"secret": "Jane's grade"})

    assert "Jane" not in str(crashed.value)


def test_next_call_is_done_after_any_end(confinement: Confinement) -> None:
    with pytest.raises(Crashed):
        confinement.run("unruly:break_down", {})

    assert confinement.run("unruly:echo", {"a": 1}) == {"a": 1}


def test_dead_room_is_replaced(confinement: Confinement) -> None:
    confinement.run("unruly:echo", {})
    psutil.Process(confinement._idle[0]._process.pid).kill()
    confinement._idle[0]._process.wait()

    assert confinement.run("unruly:echo", {"a": 1}) == {"a": 1}


def test_forked_process_has_rooms_of_its_own(confinement: Confinement) -> None:
    confinement.run("unruly:echo", {})
    room = confinement._idle[0]
    room._owner = os.getppid()

    confinement.run("unruly:echo", {})

    assert confinement._idle != [room]


def test_threads_do_not_wait_for_each_other(confinement: Confinement, tmp_path: Path) -> None:
    at_work = tmp_path / "at work"
    limits = Limits(megabytes=100, cpu_seconds=20, seconds=600)

    def sleep() -> None:
        with pytest.raises(Crashed):
            confinement.run("unruly:sleep", {"seconds": 600, "leave_in": str(at_work)}, limits=limits)

    sleeper = threading.Thread(target=sleep)
    sleeper.start()
    process = _told_in(at_work)

    assert confinement.run("unruly:echo", {"a": 1}) == {"a": 1}

    process.kill()
    sleeper.join()


def test_call_ends_with_its_owner(tmp_path: Path) -> None:
    at_work = tmp_path / "at work"
    program = (
        "from jobs.confinement import *; Confinement(preload=[], limits=Limits(megabytes=100, cpu_seconds=9, "
        f"seconds=600)).run('unruly:sleep', {{'seconds': 600, 'leave_in': {str(at_work)!r}}})"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(CALLS), *filter(None, sys.path)])}
    owner = subprocess.Popen([sys.executable, "-c", program], env=environment)
    process = _told_in(at_work)

    owner.kill()
    owner.wait()

    process.wait(timeout=30)


def _told_in(path: Path) -> psutil.Process:
    """Return the process that has left its id in `path`."""
    until = time.monotonic() + 60
    while not (path.exists() and (told := path.read_text())):
        assert time.monotonic() < until
    return psutil.Process(int(told))
