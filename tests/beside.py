"""Tests beside each other: which share a process, which come first, and which run while no other does.

`make test` runs the tests in several processes (pytest-xdist), each with servers of its own. A file stays in
one process, and so do all files that use the one running yard. The long ones come first, so that no process
ends long after the others. Tests with the mark `alone` measure times that another test would spoil.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

MEASURING = "COVERAGE_"
"""With variables that begin so coverage measures a process, which then needs half as much time again."""
YARD = "yard"
LONG_FIRST = ("fault", "journey", "browser")
"""Marks of tests that start many processes."""


class Turns:
    """Files that the processes of a run lock: one to be in a test, the other to ask for a turn."""

    def __init__(self, folder: Path) -> None:
        """Lock files of this folder, which all processes of the run see."""
        self._running, self._door = folder / "running", folder / "door"

    @contextmanager
    def turn(self, *, alone: bool) -> Iterator[None]:
        """Be in a test within the block, beside others unless `alone`.

        Who wants to be alone keeps the door shut until the others have ended; who comes later waits.
        """
        with self._running.open("a") as running, ExitStack() as stack:
            with self._door.open("a") as door, locked(door, fcntl.LOCK_EX):
                stack.enter_context(locked(running, fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
            yield


@contextmanager
def locked(file: Any, how: int) -> Iterator[None]:
    """Hold the lock, also where a child that was forked within keeps the file open."""
    fcntl.flock(file, how)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


class Beside:
    """The plugin of a process that runs tests beside others, or of all tests where there is one process."""

    def __init__(self, folder: Path | None) -> None:
        """Share `folder` with the others; without one there are none."""
        self._folder = folder
        self._turns = Turns(folder) if folder else None
        self._turn = ExitStack()
        self._is_alone = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put long tests first after other plugins have sorted, and name the files that use the yard."""
        items.sort(key=place_of)
        if self._folder:
            files = {file_of(item.nodeid) for item in items if needs_yard(item)}
            (self._folder / YARD).write_text("\n".join(files))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        """Wait for a turn before the test; tests alone that follow each other are one turn."""
        if self._turns and not self._is_alone:
            self._turn.enter_context(self._turns.turn(alone=is_alone(item)))
        try:
            return (yield)
        finally:
            self._is_alone = is_alone(item) and nextitem is not None and is_alone(nextitem)
            if not self._is_alone:
                self._turn.close()


def file_of(nodeid: str) -> str:
    """Return the file of a test."""
    return nodeid.partition("::")[0]


def needs_yard(item: pytest.Item) -> bool:
    """Say whether the test uses the one running yard."""
    return YARD in getattr(item, "fixturenames", ())


def place_of(item: pytest.Item) -> tuple[int, bool]:
    """Return what the tests are sorted by.

    The group of the yard takes longest and comes first. Who is alone lets the others wait, so tests alone are
    the last of the yard's, and the last of all, where the others have only short ones left.
    """
    is_long = any(item.get_closest_marker(mark) for mark in LONG_FIRST)
    if needs_yard(item):
        return 0, is_alone(item)
    return (3 if is_alone(item) else 1 if is_long else 2), False


def is_alone(item: pytest.Item) -> bool:
    """Say whether no other test may run beside the test."""
    return item.get_closest_marker("alone") is not None


def folder_of_run(config: pytest.Config) -> Path | None:
    """Return the folder that all processes of the run share, if there are others."""
    folder = getattr(config, "workerinput", {}).get("run_folder")
    return Path(folder) if folder else None


class ByFile(LoadFileScheduling):
    """Hands a file to one process, and to one process all files that use the yard."""

    def __init__(self, config: pytest.Config, log: Any, *, folder: Path) -> None:
        """Read in `folder` which those are, once the processes have named them."""
        super().__init__(config, log)
        self._folder = folder

    @cached_property
    def _files_of_yard(self) -> frozenset[str]:
        return frozenset((self._folder / YARD).read_text().splitlines())

    def _split_scope(self, nodeid: str) -> str:
        file = file_of(nodeid)
        return YARD if file in self._files_of_yard else file


class Overseer:
    """The plugin of the process that hands tests to the others."""

    def __init__(self) -> None:
        """Make the folder that they share."""
        self._folder = tempfile.TemporaryDirectory(prefix="switchyard-run-")

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process where it is."""
        node.workerinput["run_folder"] = self._folder.name

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> ByFile:
        """Hand tests out by files."""
        return ByFile(config, log, folder=Path(self._folder.name))

    def pytest_unconfigure(self) -> None:
        """Remove it."""
        self._folder.cleanup()
