"""From what was raised to the problem that a program reads."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jobs.api import problems
from jobs.api.problems import Problem
from jobs.asking import NoSuchLane, NothingHere, Refused, WrongArguments
from jobs.insisting import broke_off
from jobs.keys import KeyTaken
from jobs.language import Words
from jobs.lifecycle import CannotChange, OnlyUncertain, RetryOtherFirst
from jobs.mistakes import sentences
from jobs.staffing import CannotScale
from jobs.submission import CannotFollow

log = structlog.get_logger()

KNOWN = "known"
"""In an error of ninja's: the fields that the body takes, of which one may have been meant."""

# What each error of ours that means "not as things stand" is called, and what to do about it.
CONFLICTS: Mapping[type[Exception], tuple[str, Words, Words]] = {
    CannotChange: (
        "wrong-state",
        _("Not in this state"),
        _("Look at the job's state with GET /api/v1/jobs/{id}; another change may fit it."),
    ),
    RetryOtherFirst: (
        "retry-other-first",
        _("A job that it follows did not end well"),
        _("Retry the job that the sentence names; this one can start once that one has ended well."),
    ),
    OnlyUncertain: (
        "only-uncertain",
        _("Only uncertain units are left"),
        _("If they may be done twice, send the retry with `uncertain: true`; else leave the job as it is."),
    ),
    CannotScale: (
        "cannot-scale",
        _("The lane cannot have so many workers"),
        _("Send a number within what the sentence names."),
    ),
    KeyTaken: (
        "key-taken",
        _("The key belongs to another job"),
        _("Use a key of its own for each job; only a repetition, the same in each field, has the same."),
    ),
    CannotFollow: (
        "cannot-follow",
        _("The job cannot be followed"),
        _("Name under `after` only jobs that are open or have ended well."),
    ),
    Refused: (
        "refused",
        _("It cannot be done as things stand"),
        _("Change what the sentence names, then send the request again."),
    ),
}


def problem_of(error: Exception) -> Problem:
    """Return the problem that `error` is to a program; one that is ours alone is logged."""
    problem = _problem_of_ours(error) or _problem_of_the_frameworks(error)
    if problem is not None:
        return problem
    if broke_off(error):
        log.warning("database_unreachable", error=type(error).__name__)
        return problems.database_away()
    log.error("api_crashed", exc_info=error)
    return problems.our_fault()


def _problem_of_ours(error: Exception) -> Problem | None:
    if type(error) in CONFLICTS:
        name, title, remedy = CONFLICTS[type(error)]
        errors = error.differing if isinstance(error, KeyTaken) else None
        return problems.conflict(error, name=name, title=title, remedy=remedy, errors=errors)
    match error:
        case Problem():
            return error
        case WrongArguments():
            return problems.wrong_fields(error.problems)
        case NoSuchLane():
            return problems.nothing_here(str(error), remedy=problems.LANES_REMEDY)
        case NothingHere():
            return problems.nothing_here(str(error))
        case _:
            return None


def _problem_of_the_frameworks(error: Exception) -> Problem | None:
    match error:
        case ValidationError():
            return _problem_of_fields([_placed(one) for one in error.errors])
        case AuthenticationError():
            return problems.no_token()
        case HttpError():
            return problems.no_json()
        case Http404():
            return problems.nothing_here()
        case _:
            return None


def _problem_of_fields(errors: list[dict[str, Any]]) -> Problem:
    for error in errors:
        if not error["loc"]:  # the body as a whole
            return problems.no_json(problems.EMPTY if error["type"] == "missing" else problems.NO_OBJECT)
    return problems.wrong_fields(sentences(errors, known=errors[0].get(KNOWN, ())))


def _placed(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return ninja's `error` with the path that the program knows: of a body's field without the body."""
    source, *path = error["loc"]
    return {**error, "loc": path[1:] if source == "body" else path}


def answer(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Answer a request that raised `error`."""
    return problem_of(error if isinstance(error, Exception) else error()).response()


def handle_errors(api: NinjaAPI) -> None:
    """Let `api` answer every error as a problem."""
    for kind_of_error in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind_of_error, answer)
