"""The yard's folder: one yard at a time, and secrets that only their owner reads."""

import os
import stat
from pathlib import Path

import pytest
from switchyard.yard import lock as locking
from switchyard.yard.keys import kept
from switchyard.yard.lock import AlreadyRunning, Holder, Lock


def test_second_yard_is_told_where_the_first_one_runs(tmp_path: Path) -> None:
    first = Lock(path=tmp_path / "yard.lock")
    first.note(Holder(pid=os.getpid(), group=1, home="http://127.0.0.1:8000/"))
    with pytest.raises(AlreadyRunning, match=rf"at http://127.0.0.1:8000/ \(process {os.getpid()}\)"):
        Lock(path=tmp_path / "yard.lock")


def test_folder_is_free_when_its_yard_has_ended(tmp_path: Path) -> None:
    first = Lock(path=tmp_path / "yard.lock")
    first.note(Holder(pid=os.getpid(), group=77, home="http://127.0.0.1:8000/"))
    os.close(first.descriptor)
    second = Lock(path=tmp_path / "yard.lock")
    assert second.last_holder is not None
    assert second.last_holder.group == 77
    os.close(second.descriptor)


def test_yard_that_neither_started_nor_ended_yet_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "CLEANING_SECONDS", 0.05)
    Lock(path=tmp_path / "yard.lock")
    with pytest.raises(AlreadyRunning, match="just starting or ending"):
        Lock(path=tmp_path / "yard.lock")


def test_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    secret = kept(folder, "flower")
    assert len(secret) >= 50
    assert kept(folder, "flower") == secret
    assert kept(folder, "valkey") != secret
    assert stat.S_IMODE((folder / "flower").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
