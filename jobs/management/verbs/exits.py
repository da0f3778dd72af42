"""Exit codes that scripts can rely on, and errors as one sentence on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db.utils import DataError, OperationalError

from jobs.asking import NoSuchLane, NothingHere, Refused, WrongArguments
from jobs.keys import KeyTaken
from jobs.lifecycle import CannotChange, OnlyUncertain, RetryOtherFirst
from jobs.models import Job, JobState
from jobs.registry import UnknownKind
from jobs.rules import NoRoute
from jobs.submission import CannotFollow


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    REFUSED = 1
    INVALID = 2
    NOT_FOUND = 3
    PROBLEMS = 4
    BADLY = 5
    OPEN = 6
    NO_DATABASE = 7
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "done",
    Exit.REFUSED: "refused as things stand, such as stopping a job that has ended",
    Exit.INVALID: "the command or what it was given cannot be used",
    Exit.NOT_FOUND: "there is no such job, school, person, lane or token",
    Exit.NO_DATABASE: "the database does not answer",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
}
MEANINGS_OF_A_WAIT = {
    Exit.DONE: "done; with --wait: the job ended as done",
    Exit.PROBLEMS: "with --wait: the job ended with problems",
    Exit.BADLY: "with --wait: the job failed or was stopped",
    Exit.OPEN: "with --wait: the job is still open",
}

CODES: dict[type[Exception], Exit] = {
    CannotChange: Exit.REFUSED,
    OnlyUncertain: Exit.REFUSED,
    RetryOtherFirst: Exit.REFUSED,
    CannotFollow: Exit.REFUSED,
    KeyTaken: Exit.REFUSED,
    Refused: Exit.REFUSED,
    WrongArguments: Exit.INVALID,
    UnknownKind: Exit.INVALID,
    NoRoute: Exit.INVALID,
    NothingHere: Exit.NOT_FOUND,
    NoSuchLane: Exit.NOT_FOUND,
}
HINTS: dict[type[Exception], str] = {OnlyUncertain: "Say so with --uncertain."}
NO_DATABASE = "The database does not answer; check DATABASE_URL, and whether its server runs."
NOT_STORABLE = "Something that was given holds a character that the database cannot keep; leave it out."


NO_WAY_ON = frozenset({Exit.NO_DATABASE, Exit.INTERRUPTED})
"""What ends a command that has more to do."""


class EndsWith(Exception):
    """A command ends without having done what was asked; the message is for the person."""

    def __init__(self, code: Exit, message: str) -> None:
        """Note how the command ends, and the message."""
        super().__init__(message)
        self.code = code


def meanings(*, waits: bool) -> str:
    """Return the exit codes of what `waits`, or does not, and what they mean, as the help tells them."""
    told = {**MEANINGS, **MEANINGS_OF_A_WAIT} if waits else MEANINGS
    lines = [f"  {code:>3}  {told[code]}" for code in sorted(told)]
    return "\n".join(["exit codes:", *lines])


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Turn errors that have a sentence for people into that sentence and its exit code.

    Raises:
        EndsWith: with both.
    """
    try:
        yield
    except tuple(CODES) as error:
        message = f"{error} {HINTS.get(type(error), '')}".rstrip()
        raise EndsWith(CODES[type(error)], message) from error
    except OperationalError as error:
        raise EndsWith(Exit.NO_DATABASE, NO_DATABASE) from error
    except (DataError, UnicodeEncodeError) as error:
        raise EndsWith(Exit.INVALID, NOT_STORABLE) from error
    except KeyboardInterrupt as error:
        message = "Interrupted; the jobs go on."
        raise EndsWith(Exit.INTERRUPTED, message) from error


def exit_of(job: Job) -> Exit:
    """Return how a command ends that waited for `job`."""
    if not job.has_ended:
        return Exit.OPEN
    return {JobState.DONE: Exit.DONE, JobState.PROBLEMS: Exit.PROBLEMS}.get(JobState(job.state), Exit.BADLY)
