"""Errors of backing up and restoring, as the sentence and the exit code with which a command ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from django.core.management.base import CommandError
from django.db import OperationalError

from jobs.management.verbs.exits import NO_DATABASE, Exit
from switchyard.backups import CannotBackUp


@contextmanager
def errors_as_sentences(path: Path) -> Iterator[None]:
    """Let a command that works on the backup at `path` end with a sentence in place of a traceback.

    Raises:
        CommandError: with the sentence, and `Exit.NO_DATABASE` where the database does not answer.
    """
    try:
        yield
    except CannotBackUp as error:
        raise CommandError(str(error)) from error
    except (OperationalError, psycopg2.OperationalError) as error:
        if answer := _answer_in(error):
            message = f"The database could not do it: {answer}."
            raise CommandError(message) from error
        raise CommandError(NO_DATABASE, returncode=Exit.NO_DATABASE) from error
    except OSError as error:
        message = f"{error.filename or path}: {error.strerror or error}."
        raise CommandError(message) from error


def _answer_in(error: Exception) -> str:
    """Return what the server said, such as that its disk is full; empty where it does not answer."""
    cause = error if isinstance(error, psycopg2.Error) else error.__cause__
    diagnosis = cause.diag if isinstance(cause, psycopg2.Error) else None
    return (diagnosis.message_primary or "") if diagnosis else ""
