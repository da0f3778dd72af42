"""Who asks: the signed-in person, their school, the page they came from, and what only operations may see."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from jobs import rights
from jobs.models import Person, School
from jobs.rights import Right

View = Callable[..., HttpResponseBase]
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


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
        message = _("This is done by the staff of a school, and your login belongs to none.")
        raise PermissionDenied(message)
    return school


def came_from(request: HttpRequest, *, otherwise: str) -> str:
    """Return the page of this site from which the person came, as it says itself, else `otherwise`."""
    given = request.POST.get("back") or request.GET.get("back") or ""
    # What begins with no stroke would be taken for the name of a page.
    is_ours = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if is_ours else otherwise


def require(request: HttpRequest, right: Right) -> Person:
    """Return the person, who has the right.

    Raises:
        PermissionDenied: they do not; a sentence says what their role lacks.
    """
    person = person_of(request)
    if not rights.has(person.role, right):
        raise PermissionDenied(rights.SAYS[right])
    return person


def require_admin(request: HttpRequest) -> Person:
    """Return the person who changes the settings.

    Raises:
        PermissionDenied: the person may only look at them.
    """
    return require(request, Right.SETTINGS)


def needs(right: Right) -> Callable[[View], View]:
    """Let only people with the right into a view; others get the 403 page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(request, right)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def for_operations(view: View) -> View:
    """Let only ops and admins into `view`; staff get the 403 page."""
    return needs(Right.OPERATE)(view)


def require_change(request: HttpRequest) -> None:
    """Let a person who only looks send nothing that changes something.

    Raises:
        PermissionDenied: the request may change something, and their role does not include that.
    """
    if request.method not in SAFE and isinstance(request.user, Person):
        require(request, Right.WORK)
