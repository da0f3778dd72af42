"""The run folder: a lane has one supervisor on a host."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from jobs.management.commands.supervisor import hangup
from jobs.run_folder import KeptAlready, NoRunFolder, RunFolder

KEEPER = """
import sys
from pathlib import Path
from jobs.run_folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
folder.keep(["codes"])
print("kept", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that keeps the lane `codes`."""
    command = [sys.executable, "-c", KEEPER, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"kept\n"
        yield process
        process.kill()


def test_lane_of_another_supervisor_is_refused_with_its_process(
    keeper: subprocess.Popen[bytes], tmp_path: Path, settings: Settings
) -> None:
    settings.RUN_FOLDER = tmp_path / "run"
    said = rf"A supervisor \(process {keeper.pid}\) keeps the lane codes at work on this host already"
    with pytest.raises(CommandError, match=said):
        call_command("supervisor", "--only=codes")


def test_lock_ends_with_the_process_that_was_killed(keeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    keeper.kill()
    keeper.wait()
    folder = RunFolder(tmp_path / "run")
    folder.keep(["codes"])
    folder.close()


def test_other_lanes_may_have_another_supervisor(keeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert keeper.poll() is None
    folder = RunFolder(tmp_path / "run")
    folder.keep(["mail"])
    folder.close()
    with pytest.raises(KeptAlready):
        folder.keep(["codes"])
    folder.close()


@pytest.mark.parametrize(("handler", "heard"), [(signal.SIG_DFL, (signal.SIGHUP,)), (signal.SIG_IGN, ())])
def test_end_of_the_terminal_ends_a_supervisor_unless_it_was_started_to_outlive_it(
    handler: signal.Handlers, heard: tuple[signal.Signals, ...]
) -> None:
    before = signal.signal(signal.SIGHUP, handler)
    assert hangup() == heard
    signal.signal(signal.SIGHUP, before)


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = RunFolder(tmp_path / "file" / "run")
    with pytest.raises(
        NoRunFolder, match=r"SWITCHYARD_RUN is '.*/file/run', which cannot be used \(Not a dir"
    ):
        folder.keep(["codes"])


def test_file_in_place_of_a_pipe_is_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.pulses("codes").touch()
    with pytest.raises(NoRunFolder, match=r"codes\.pulses is no pipe"):
        folder.keep(["codes"])
    folder.close()
