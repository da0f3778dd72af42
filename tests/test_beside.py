"""Tests in several processes: who must be alone is, and the yard's files stay together."""

import fcntl
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

from jobs.testing import wait_until
from tests.beside import Beside, ByFile, Overseer, Turns

LIMIT_SECONDS = 30


def is_locked(file: Path) -> bool:
    """Say whether somebody holds the lock of the file."""
    if not file.exists():
        return False
    with file.open("a") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_who_is_alone_waits_for_those_at_work_and_whoever_comes_later_waits_for_it(tmp_path: Path) -> None:
    turns, seen = Turns(tmp_path), []

    def take(name: str, *, alone: bool) -> None:
        with turns.turn(alone=alone):
            seen.append(f"{name} begins")
            seen.append(f"{name} ends")

    alone = Thread(target=take, args=("alone",), kwargs={"alone": True})
    late = Thread(target=take, args=("late",), kwargs={"alone": False})
    with turns.turn(alone=False):
        with turns.turn(alone=False):
            pass  # two beside each other
        alone.start()
        wait_until(lambda: is_locked(tmp_path / "door"), seconds=LIMIT_SECONDS)
        late.start()
        assert seen == []
    for thread in (alone, late):
        thread.join(timeout=LIMIT_SECONDS)
    assert seen == ["alone begins", "alone ends", "late begins", "late ends"]


def test_files_that_use_the_yard_are_one_piece_of_work(tmp_path: Path) -> None:
    items = [
        SimpleNamespace(nodeid=f"{file}.py::test", fixturenames=names, get_closest_marker=lambda _: None)
        for file, names in (("a", ["db"]), ("b", ["yard"]), ("c", ["page", "yard"]))
    ]
    Beside(tmp_path).pytest_collection_modifyitems(items)  # type: ignore[arg-type]
    assert [item.nodeid[0] for item in items] == ["b", "c", "a"]
    by_file = ByFile.__new__(ByFile)
    by_file._folder = tmp_path
    assert [by_file._split_scope(item.nodeid) for item in items] == ["yard", "yard", "a.py"]


def test_processes_are_told_of_the_folder_that_they_share() -> None:
    overseer, node = Overseer(), SimpleNamespace(workerinput={})
    overseer.pytest_configure_node(node)
    assert Path(node.workerinput["run_folder"]).is_dir()
    overseer.pytest_unconfigure()
    assert not Path(node.workerinput["run_folder"]).exists()
