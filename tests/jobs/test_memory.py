"""How many more children a host has room for."""

import subprocess
import sys
from pathlib import Path

import psutil

from jobs import memory
from jobs.memory import available_bytes, that_fit

MB = 1 << 20


def test_as_many_as_wanted_where_there_is_room() -> None:
    assert that_fit(8, there=2, room=1500 * MB, each=lambda: 100 * MB) == 8


def test_no_more_than_fit_beside_what_is_kept_free() -> None:
    assert that_fit(8, there=2, room=350 * MB, each=lambda: 100 * MB) == 5


def test_children_are_measured_only_where_there_is_room() -> None:
    def measure() -> int:
        raise AssertionError

    assert that_fit(8, there=2, room=0, each=measure) == 2
    assert that_fit(2, there=2, room=MB, each=measure) == 2


def test_those_there_stay_when_memory_is_short() -> None:
    assert that_fit(8, there=2, room=-400 * MB, each=lambda: 100 * MB) == 2


def test_fewer_need_no_room() -> None:
    assert that_fit(1, there=4, room=-500 * MB, each=lambda: 100 * MB) == 1


def test_container_has_no_more_than_its_own_limit_leaves(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(f"{300 * MB}\n")
    (tmp_path / "memory.current").write_text(f"{290 * MB}\n")
    (tmp_path / "memory.stat").write_text(f"anon {200 * MB}\ninactive_file {40 * MB}\n")
    assert available_bytes(cgroup=tmp_path) == 50 * MB  # files that the kernel gives back do not count


def test_container_without_a_limit_has_what_the_machine_has(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    assert available_bytes(cgroup=tmp_path) > 50 * MB
    assert available_bytes(cgroup=tmp_path) <= psutil.virtual_memory().total


def test_child_is_measured_or_assumed() -> None:
    assert memory.largest_child_bytes() >= memory.CHILD_BYTES


def test_children_are_added_up_by_what_they_have_of_their_own() -> None:
    before = memory.all_children_bytes()
    command = [sys.executable, "-c", "held = b'x' * (64 << 20); print(len(held), flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert memory.own_bytes(child.pid) > 64 * MB
        assert memory.all_children_bytes() - before > 64 * MB
        child.communicate(b"\n")
