"""The file by which container engines see that a supervisor and its workers are well."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError, call_command

from jobs import fleet
from jobs.alive import AliveFile
from jobs.crew import Crew
from jobs.fleet import supervise
from jobs.presence import worker_name
from jobs.testing import wait_until

HEALTHY = Path(__file__).parents[2] / "platform" / "deploy" / "healthy.py"
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def healthy(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HEALTHY), *words], capture_output=True, text=True, check=False, env=variables
    )


@contextmanager
def supervised(crew: Crew, *, tell: Callable[[], object], sweeps: bool = False) -> Iterator[None]:
    """Let a supervisor run in the block that looks often."""
    stopping = threading.Event()
    arguments = {"crew": crew, "stopping": stopping, "tell_alive": tell, "sweeps": sweeps}
    running = threading.Thread(target=supervise, kwargs=arguments)
    running.start()
    try:
        yield
    finally:
        stopping.set()
        running.join(timeout=20)
        wait_until(
            lambda: not {"sweeps", "freeing"} & {thread.name for thread in threading.enumerate()}, seconds=20
        )


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The workers that are present, as the database would tell."""
    names: set[str] = set()
    monkeypatch.setattr(fleet, "_present", lambda: frozenset(names))
    monkeypatch.setattr(fleet, "free_lost", lambda _crew: None)
    monkeypatch.setattr(fleet, "Roster", mock.Mock())
    monkeypatch.setattr(fleet, "leave", mock.Mock())
    monkeypatch.setattr(fleet, "_see_outgrown", mock.Mock())
    monkeypatch.setattr(fleet, "processes_here", lambda there, **_: there)
    monkeypatch.setattr(fleet, "LOOK_SECONDS", 0.01)
    return names


class LookedAt(Crew):
    """A crew that tells how often it was looked after."""

    def __init__(self, *lanes: str) -> None:
        """Start sleepers for the lanes."""
        super().__init__(lanes=lanes, start=lambda *_: subprocess.Popen(SLEEPER))
        self._looks = threading.Semaphore(0)

    def tend(self, *, now: float) -> None:
        super().tend(now=now)
        self._looks.release()

    def is_looked_at(self) -> bool:
        """Wait until it was looked after five times more."""
        while self._looks.acquire(blocking=False):
            pass
        return all(self._looks.acquire(timeout=20) for _ in range(5))

    def name(self) -> str:
        """Return the name of the first worker."""
        wait_until(lambda: self.posts[0].process is not None, seconds=20)
        process = self.posts[0].process
        assert process is not None
        return worker_name(lane=self.posts[0].name, pid=process.pid)


def test_nothing_is_told_before_the_worker_was_present(present: set[str]) -> None:
    crew, told = LookedAt("mail"), threading.Event()
    with supervised(crew, tell=told.set):
        assert crew.is_looked_at()
        assert not told.is_set()
        present.add(crew.name())
        assert told.wait(20)


def test_nothing_is_told_while_a_worker_is_missing(present: set[str]) -> None:
    crew, told = LookedAt("mail"), threading.Event()
    with supervised(crew, tell=told.set):
        present.add(crew.name())
        assert told.wait(20)
        process = crew.posts[0].process
        assert process is not None
        process.kill()
        wait_until(lambda: not crew.is_complete, seconds=20)
        assert crew.is_looked_at()
        told.clear()
        assert crew.is_looked_at()
        assert not told.is_set()


def test_supervisor_that_only_sweeps_tells_once_it_has_swept(
    present: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_sweep, told = threading.Event(), threading.Event()
    monkeypatch.setattr(fleet.Sweeps, "take_turn", lambda _sweeps: may_sweep.wait(60))
    monkeypatch.setattr(fleet, "keep_observing", lambda _stopping, **_: None)
    crew = LookedAt()
    with supervised(crew, tell=told.set, sweeps=True):
        assert crew.is_looked_at()
        assert not told.is_set()
        may_sweep.set()
        assert told.wait(20)


def test_file_is_there_while_all_is_well(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    path.touch()
    file = AliveFile(path)
    assert "nobody is well here yet" in healthy(str(path)).stderr
    file.tell()
    assert healthy(str(path)).returncode == 0
    file.close()
    assert healthy(str(path)).returncode == 1


def test_file_that_was_not_touched_for_long_tells_of_nobody(tmp_path: Path) -> None:
    path = tmp_path / "alive"
    path.touch()
    subprocess.run(["touch", "--date=20 seconds ago", str(path)], check=True)
    assert "was not touched for" in healthy(str(path)).stderr


def test_folder_that_cannot_be_written_to_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"--alive .*/missing/alive: No such file or directory"):
        call_command("supervisor", "--without-workers", f"--alive={tmp_path / 'missing' / 'alive'}")


def test_web_server_that_does_not_answer_is_not_well() -> None:
    ran = healthy("web", WEB_BIND="0.0.0.0:1")
    assert ran.returncode == 1
    assert "http://127.0.0.1:1/health: " in ran.stderr
