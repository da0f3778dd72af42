"""What `manage.py backup` and `restore` say when they cannot do it."""

import errno
import os
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError
from switchyard.backups import CannotBackUp, keys, restoring, tables
from switchyard.backups.sentences import errors_as_sentences

from jobs.management.verbs.exits import Exit


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_database_that_does_not_answer_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def be_away() -> None:
        raise OperationalError from psycopg2.OperationalError()

    monkeypatch.setattr(tables, "be_patient", be_away)
    recipient = keys.make(tmp_path / "key")
    options = {"backup": {"to": recipient}, "restore": {"key": tmp_path / "key"}}
    with pytest.raises(CommandError, match="The database does not answer; check DATABASE_URL") as told:
        call_command(verb, tmp_path / "backup", **options[verb])
    assert told.value.returncode == Exit.NO_DATABASE


def test_file_that_cannot_be_restored_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def be_full(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(restoring.default_storage, "save", be_full)
    monkeypatch.setattr(restoring.default_storage, "delete", lambda _name: None)
    with pytest.raises(CannotBackUp) as told:
        restoring.Writer().take_file("results/1.pdf", BytesIO(b"%PDF"))
    path = default_storage.path("results/1.pdf")
    assert str(told.value).startswith(f"{path} cannot be written: No space left on device.")


def test_database_that_answers_is_not_called_away(tmp_path: Path) -> None:
    class DiskFull(psycopg2.OperationalError):
        diag = SimpleNamespace(message_primary="could not extend file: No space left on device")

    with (
        pytest.raises(CommandError, match="could not do it: could not extend file") as told,
        errors_as_sentences(tmp_path),
    ):
        raise DiskFull
    assert told.value.returncode == 1
