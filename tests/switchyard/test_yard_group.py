"""The process group: whoever is in it ends when the one who made it does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from switchyard.env import ROOT
from switchyard.yard.group import Group, end_left_over, running_group
from switchyard.yard.programs import Program, ProgramDied, run_to_its_end, wait_until_ready

from jobs.testing import wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(100)"]
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(100)
"""
PARENT = """
import sys, time
from pathlib import Path
from switchyard.yard.group import Group
from switchyard.yard.programs import Program
group = Group(logs=Path(sys.argv[1]))
hears = "import time; time.sleep(100)"
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); " + hears
for name, code in (("hears", hears), ("deaf", deaf)):
    group.start(Program(name=name, command=[sys.executable, "-c", code], is_ready=lambda: True))
print(group.id, flush=True)
time.sleep(100)
"""


def program(name: str, *command: str, is_ready: bool = True) -> Program:
    """Return a program for tests."""
    return Program(name=name, command=command or SLEEP, is_ready=lambda: is_ready)


def test_members_end_when_their_maker_is_killed_even_those_that_do_not_hear(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/platform:{ROOT}"}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], env=environment, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        group = int(parent.stdout.readline())
        wait_until(lambda: "deaf" in (tmp_path / "deaf.log").read_text())
        members = [p for p in psutil.process_iter() if os.getpgid(p.pid) == group]
        assert len(members) == 3
        parent.kill()
    _, alive = psutil.wait_procs(members, timeout=20)
    assert alive == []


def test_member_that_was_stopped_is_woken_to_hear_that_it_is_asked_to_end(tmp_path: Path) -> None:
    with running_group(logs=tmp_path) as group:
        child = group.start(program("sleep"))
        child.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED)
        child.terminate()
        assert child.poll() is None
        group.wake()
        assert child.wait(timeout=20) == -signal.SIGTERM


def test_closing_a_group_kills_what_is_left_in_it(tmp_path: Path) -> None:
    with running_group(logs=tmp_path) as group:
        child = group.start(program("sleep"))
        child.process.send_signal(signal.SIGSTOP)
        assert group.is_watched()
    assert child.wait(timeout=5) == -signal.SIGKILL
    assert not group.is_watched()


def test_left_over_of_the_same_folder_is_ended_and_of_others_not(tmp_path: Path) -> None:
    group = Group(logs=tmp_path)
    own = Program(
        name="own", command=SLEEP, environment={"SWITCHYARD_VAR": str(tmp_path)}, is_ready=lambda: True
    )
    ours, other = group.start(own), group.start(program("other"))
    wait_until(lambda: psutil.Process(ours.pid).environ() != {})  # shown a moment later
    end_left_over(group=group.id, var=tmp_path)
    assert ours.wait(timeout=5) == -signal.SIGKILL
    assert other.poll() is None
    group.close()


def test_what_no_child_of_the_yard_asks_is_asked_and_killed_at_its_time(tmp_path: Path) -> None:
    with running_group(logs=tmp_path) as group:
        spared, hears = group.start(program("spared")), group.start(program("hears"))
        deaf = group.start(program("deaf", sys.executable, "-c", DEAF))
        wait_until(lambda: deaf.last_lines() == "deaf", seconds=20)
        group.end(but=[spared], deadline=time.monotonic() + 0.5)
        codes = [child.wait(timeout=20) for child in (hears, deaf)]
        assert codes == [-signal.SIGTERM, -signal.SIGKILL]
        assert spared.poll() is None


def test_program_that_ends_before_it_is_ready_shows_its_last_lines(tmp_path: Path) -> None:
    with running_group(logs=tmp_path) as group:
        child = group.start(
            program("web", sys.executable, "-c", "print('no database'); exit(3)", is_ready=False)
        )
        with pytest.raises(ProgramDied, match=r"(?s)web ended with code 3\. It said last:\nno database"):
            wait_until_ready([child], seconds=20)
        with pytest.raises(ProgramDied, match="web ended with code 3"):
            run_to_its_end(child, look=lambda: None)


def test_program_that_does_not_get_ready_in_time_is_named(tmp_path: Path) -> None:
    with running_group(logs=tmp_path) as group:
        child = group.start(program("web", is_ready=False))
        with pytest.raises(ProgramDied, match="web did not answer within 0 seconds"):
            wait_until_ready([child], seconds=0.1)


def test_log_of_an_earlier_start_is_kept_but_not_shown(tmp_path: Path) -> None:
    with running_group(logs=tmp_path) as group:
        for said in ("first", "second"):
            child = group.start(program("web", sys.executable, "-c", f"print('{said}')"))
            run_to_its_end(child, look=lambda: None)
    assert child.last_lines() == "second"
    assert (tmp_path / "web.log").read_text() == "first\nsecond\n"
