"""Signs of life to a service manager, over a real socket as systemd's."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import watchdog
from jobs.pulses import PROCESS, make_pipe
from jobs.watchdog import Watchdog


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A service manager that listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


def test_manager_is_told_that_we_get_on(manager: socket.socket) -> None:
    Watchdog().tell()

    assert manager.recv(100) == b"READY=1\nWATCHDOG=1"


def test_manager_is_told_once_a_second_however_often_we_look(manager: socket.socket) -> None:
    ours = Watchdog()
    ours.tell()
    ours.tell()

    manager.recv(100)
    with pytest.raises(BlockingIOError):
        manager.recv(100)


def test_manager_is_told_again_later(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "TELL_SECONDS", 0)
    ours = Watchdog()
    ours.tell()
    ours.tell()

    assert [manager.recv(100) for _ in range(2)] == [b"READY=1\nWATCHDOG=1"] * 2


def test_manager_that_is_away_keeps_nobody(manager: socket.socket) -> None:
    manager.close()

    Watchdog().tell()


def test_whoever_listens_at_a_pipe_hears_us(tmp_path: Path) -> None:
    make_pipe(tmp_path / "pulses")
    ear = os.open(tmp_path / "pulses", os.O_RDONLY | os.O_NONBLOCK)
    Watchdog(pipe=tmp_path / "pulses").tell()

    assert os.read(ear, 100) == PROCESS.pack(os.getpid())
    os.close(ear)


def test_pipe_at_which_nobody_listens_keeps_nobody(tmp_path: Path) -> None:
    make_pipe(tmp_path / "pulses")

    Watchdog(pipe=tmp_path / "pulses").tell()


def test_nobody_is_told_without_a_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    Watchdog().tell()
