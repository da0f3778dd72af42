"""What a killed program leaves behind is ended before it starts again, so that its port is free."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from switchyard.yard.answers import page_answers
from switchyard.yard.group import Group, running_group
from switchyard.yard.living import lives
from switchyard.yard.ports import LOOPBACK, free_ports
from switchyard.yard.programs import Program, wait_until_ready

from jobs.testing import wait_until

SECONDS = 30
# The first process that loads it never gets ready, and hears no request to end.
APPLICATION = """
import threading
from pathlib import Path
try:
    Path(__file__).with_name("loading").touch(exist_ok=False)
except FileExistsError:
    pass
else:
    threading.Event().wait()

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
"""
FORKING = "import os, signal; os.fork(); signal.pause()"


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    with running_group(logs=tmp_path / "log") as group:
        yield group


def web(folder: Path) -> Program:
    """Return a web server whose worker is not ready for ever at its first start."""
    (folder / "slow_to_load.py").write_text(APPLICATION)
    port = free_ports(1)[0]
    options = [f"--bind={LOOPBACK}:{port}", f"--chdir={folder}", "--no-control-socket"]
    return Program(
        name="web",
        command=[sys.executable, "-m", "gunicorn", *options, "slow_to_load:application"],
        is_ready=lambda: page_answers(port=port, path="/"),
    )


def test_web_whose_worker_outlives_it_starts_again_on_its_port(group: Group, tmp_path: Path) -> None:
    program = web(tmp_path)
    first = group.start(program)
    wait_until((tmp_path / "loading").exists, seconds=SECONDS)
    [orphan] = psutil.Process(first.pid).children()
    first.kill()
    first.wait()

    second = group.start(program)
    wait_until_ready([second], seconds=SECONDS)
    assert not lives(orphan.pid)
    assert "Connection in use" not in second.last_lines()


def forking(name: str) -> Program:
    """Return a program that forks once."""
    return Program(name=name, command=[sys.executable, "-c", FORKING], is_ready=lambda: True)


def fork_of(pid: int) -> psutil.Process:
    """Return what the process has forked, as soon as it has."""
    wait_until(lambda: bool(psutil.Process(pid).children()), seconds=SECONDS)
    return psutil.Process(pid).children()[0]


def test_forks_of_a_living_program_are_left_alone(group: Group) -> None:
    first = group.start(forking("first"))
    fork = fork_of(first.pid)
    second = group.start(forking("second"))
    spared = fork_of(second.pid)
    assert lives(fork.pid)
    first.kill()
    first.wait()
    group.start(forking("third"))
    assert not lives(fork.pid)
    assert lives(spared.pid)
    assert second.poll() is None
