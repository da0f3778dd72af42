"""Who asks: the signed-in person, their school, and what only operations may see."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jobs.models import Person, School

View = Callable[..., HttpResponseBase]


def person_of(request: HttpRequest) -> Person:
    """Return the person who is signed in."""
    assert isinstance(request.user, Person)  # noqa: S101 - LoginRequiredMiddleware lets nobody else in
    return request.user


def school_of(request: HttpRequest) -> School:
    """Return the school for which the person works.

    Raises:
        PermissionDenied: ops and admins see every school's work, but do none for a school.
    """
    school = person_of(request).school
    if school is None:
        message = "This is done by the staff of a school, and your login belongs to none."
        raise PermissionDenied(message)
    return school


def require_admin(request: HttpRequest) -> Person:
    """Return the person who changes the settings.

    Raises:
        PermissionDenied: the person may only look at them.
    """
    person = person_of(request)
    if not person.changes_settings:
        message = "Only administrators change the settings. You may look at them."
        raise PermissionDenied(message)
    return person


def for_operations(view: View) -> View:
    """Let only ops and admins into `view`; staff get the 403 page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not person_of(request).sees_operations:
            message = "This page is for the operations team."
            raise PermissionDenied(message)
        return view(request, *args, **kwargs)

    return guarded
