"""The keys by which a request that comes again finds its job, which must have been asked for the same."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.asking import WrongArguments
from jobs.language import listed
from jobs.models import Job

MOST_CHARACTERS = 200
"""Of a key, as the column has it."""
MOST_COMMAND_CHARACTERS = 100
"""Of a key that is given on the command line."""
MOST_PROGRAM_CHARACTERS = 90
"""Of a key that a program gives: the mark stands before it."""
LONG = gettext_lazy("A key has 1 to {most} characters, and this one has {length}; choose a shorter one.")
EMPTY = gettext_lazy(
    "A key has 1 to {most} characters, and this one has none; choose one of your own for each job."
)
KEY_MARK = "api:"
"""Begins the key of each job of the API, so that no program takes a key that a page will need."""
COLUMNS = {
    "arguments": "arguments",
    "title": "title",
    "priority": "priority",
    "not_before": "not_before_at",
    "deadline": "deadline_at",
}
"""What must be the same again, as a request and as a job's row call it."""
WORDS = {
    "arguments": gettext_lazy("other arguments"),
    "title": gettext_lazy("another title"),
    "priority": gettext_lazy("another priority"),
    "not_before": gettext_lazy("another time to start"),
    "deadline": gettext_lazy("another deadline"),
    "after": gettext_lazy("other jobs to follow"),
}
FIRST = gettext_lazy("The first request with this key had {told}.")
FIRST_HAD_OTHERS = gettext_lazy("The first request with this key had others.")
FIRST_HAD_NONE = gettext_lazy("The first request with this key had none.")


class KeyTaken(Exception):
    """The key was used for another request of this school and kind."""

    def __init__(self, message: str, *, differing: Mapping[str, str] | None = None) -> None:
        """Note by the name of each field that differs a sentence that says what it was the first time."""
        super().__init__(message)
        self.differing = dict(differing or {})


def length_flaw(key: str, *, most: int = MOST_CHARACTERS) -> str:
    """Return what is wrong with the length of `key`, as a sentence; nothing when it can be used."""
    if 1 <= len(key) <= most:
        return ""
    return LONG.format(most=most, length=len(key)) if key else EMPTY.format(most=most)


def require_length(key: str) -> None:
    """Refuse a key that the column does not hold, and an empty one.

    Raises:
        WrongArguments: so it is.
    """
    if flaw := length_flaw(key):
        raise WrongArguments({"key": flaw})


def own_key(job: Job) -> str | None:
    """Return the key that a program gave `job`; None for a job that no program asked for."""
    return job.key.removeprefix(KEY_MARK) if job.key.startswith(KEY_MARK) else None


def require_same(job: Job, *, after: Collection[Job], followed: Collection[Job], **asked: Any) -> None:
    """Refuse a request that found `job` by its key, unless it asks for what `job` was asked for.

    `asked` are fields of `jobs.drafting.Request`; what is not among them is not compared. `followed`
    are the jobs that `job` was to follow.

    Raises:
        KeyTaken: it asks for something else; says what.
    """
    had = {name: getattr(job, column) for name, column in COLUMNS.items() if name in asked}
    if job.pk and asked.get("deadline") and not had["deadline"] and _was_retried(job):
        # Which one was asked for is not known any more.
        del had["deadline"]
    differing = {name: _said(name, before) for name, before in had.items() if asked[name] != before}
    ids = {one.pk for one in followed}
    if {one.pk for one in after} != ids:
        differing["after"] = _said("after", ", ".join(str(pk) for pk in sorted(ids)))
    if differing:
        words = listed([str(WORDS[name]) for name in differing])
        message = _(
            "The key {key!r} belongs to “{job}”, which was asked for with {words}; choose another"
            " key, or ask for the same."
        ).format(key=own_key(job) or job.key, job=job, words=words)
        raise KeyTaken(message, differing=differing)


def _was_retried(job: Job) -> bool:
    """Say whether a retry took the job's deadline away."""
    return job.events.filter(what="retried").exists()


def _said(name: str, before: object) -> str:
    if name == "arguments":
        return str(FIRST_HAD_OTHERS)
    if before in (None, ""):
        return str(FIRST_HAD_NONE)
    return FIRST.format(told=before.isoformat() if isinstance(before, datetime) else before)
