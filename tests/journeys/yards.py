"""The real platform for journeys: a yard of its own, started by the same entry as `make run`."""

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from switchyard.env import ROOT
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.programs import Program, wait_until_ready

from tests.beside import MEASURING, needs_yard

START_SECONDS = 320
END_SECONDS = 10
# What would lead the yard to servers, ports or settings that are not its own.
FOREIGN = ("SWITCHYARD_", "DATABASE_URL", "BROKER_URL", "FLOWER_", "MAIL_", "DJANGO_SETTINGS_MODULE")


SHARED: pytest.StashKey["RunningYard"] = pytest.StashKey()


def in_group(process: psutil.Process, group: int | None) -> bool:
    """Say whether the process lives in the process group."""
    try:
        return os.getpgid(process.pid) == group
    except ProcessLookupError:
        return False


class RunningYard:
    """A yard in a folder of its own."""

    def __init__(self, *, var: Path, web_port: int | None = None, **environment: str) -> None:
        """Start it, without `web_port` on any free one, with these variables on top."""
        self.environment = environment
        self.var = var
        self.web_port = web_port or free_ports(1)[0]
        self.is_asked_to_end = False
        self.group = Group(logs=var / "log")
        self.child = self.group.start(self._program())

    def _program(self) -> Program:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith((*FOREIGN, MEASURING))
        }
        paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
        own = {
            "SWITCHYARD_VAR": str(self.var),
            "SWITCHYARD_WEB_PORT": str(self.web_port),
            "PYTHONPATH": paths,
        }
        command = [sys.executable, str(ROOT / "platform" / "run.py")]
        return Program(
            name="yard",
            command=command,
            environment=kept | own | self.environment,
            is_ready=self._has_said_so,
        )

    def _has_said_so(self) -> bool:
        return "Switchyard is ready" in self.said()

    @property
    def base_url(self) -> str:
        """The platform's address, without a slash at the end."""
        return f"http://localhost:{self.web_port}"

    @property
    def mail_folder(self) -> Path:
        """The Maildir of the mail catcher."""
        return self.var / "mail"

    @property
    def noted(self) -> dict[str, str]:
        """What the yard notes for commands beside it: DATABASE_URL, BROKER_URL and others."""
        lines = (self.var / "yard.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def database_url(self) -> str:
        """The address of the yard's database."""
        return self.noted["DATABASE_URL"]

    def said(self) -> str:
        """Return what it has printed since its start."""
        return self.child.last_lines(count=1000)

    def processes(self) -> list[psutil.Process]:
        """Return the living processes that the yard started, by its group and by its folder."""
        return self.named("")

    def named(self, *words: str) -> list[psutil.Process]:
        """Return those of its processes of whose command line some argument ends with each of `words`."""
        holder = json.loads((self.var / "yard.lock").read_text() or "{}")
        return [
            process
            for process in psutil.process_iter(["status", "environ", "cmdline"])
            if self._owns(process, holder.get("group")) and _says(process, words)
        ]

    def _owns(self, process: psutil.Process, group: int | None) -> bool:
        if process.pid in {self.child.pid, self.group.id} or process.info["status"] == psutil.STATUS_ZOMBIE:
            return False
        is_ours = (process.info["environ"] or {}).get("SWITCHYARD_VAR") == str(self.var)
        return is_ours or str(self.var) in " ".join(process.info["cmdline"] or []) or in_group(process, group)

    def wait_until_ready(self) -> None:
        """Wait for the line that says that all of it answers."""
        wait_until_ready([self.child], seconds=START_SECONDS)

    def ask_to_end(self, asked: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal to the yard as a terminal does: to its foreground group."""
        self.is_asked_to_end = True
        os.killpg(self.group.id, asked)

    def wait_for_end(self) -> int:
        """Wait for its end, ten seconds at most, and return the exit code; nothing of it may be left."""
        code = self.child.wait(timeout=END_SECONDS)
        assert self.processes() == []
        return code

    def close(self) -> None:
        """End whatever is left, for the tests that come after a failed one."""
        if self.child.poll() is None:
            self.child.terminate()
            self.child.wait(timeout=2 * END_SECONDS)
        for process in self.processes():
            process.kill()
        self.group.close()


@pytest.fixture(scope="session")
def start_yard() -> Iterator[Callable[..., RunningYard]]:
    """Return what starts a yard in a folder and does not wait for it; all of them have ended afterwards."""
    started: list[RunningYard] = []

    def start(*, var: Path, web_port: int | None = None, **environment: str) -> RunningYard:
        started.append(RunningYard(var=var, web_port=web_port, **environment))
        return started[-1]

    yield start
    for yard in started:
        yard.close()


@pytest.fixture(scope="session")
def make_var() -> Iterator[Callable[[], Path]]:
    """Return what makes a folder for a yard; pytest's own are closed to the user of PostgreSQL."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="switchyard-yard-")))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Ask the yard of all journeys to end after the last test that needs it: it would use the processors."""
    shared = item.config.stash.get(SHARED, None)
    if shared and nextitem and needs_yard(item) and not needs_yard(nextitem):
        shared.ask_to_end()


@pytest.fixture(scope="session")
def yard(
    request: pytest.FixtureRequest, make_var: Callable[[], Path], start_yard: Callable[..., RunningYard]
) -> Iterator[RunningYard]:
    """The platform, started once for all journeys; when it ends, nothing of it may be left."""
    measuring = {name: value for name, value in os.environ.items() if name.startswith(MEASURING)}
    running = start_yard(var=make_var(), **measuring)
    running.wait_until_ready()
    request.config.stash[SHARED] = running
    yield running
    if not running.is_asked_to_end:
        running.ask_to_end()
    assert running.wait_for_end() == 0, running.said()


def _says(process: psutil.Process, words: tuple[str, ...]) -> bool:
    said = " ".join(process.info["cmdline"] or []).split() or [""]
    return all(any(argument.endswith(word) for argument in said) for word in words)
