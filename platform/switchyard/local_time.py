"""Local time: people see and type times in the time zone of their school."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from jobs.models import Person


class LocalTimeMiddleware:
    """Lets the time zone of the person's school hold while a view answers; else that of the platform.

    Django's forms and templates follow it. Nothing is asked of pages without sign-in, nor does it hold for
    what a response streams later.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand in front of `get_response`."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and leave no time zone to the next request of this thread."""
        with timezone.override(None):
            return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: object) -> None:
        """Take the time zone of whoever is signed in."""
        if not getattr(view, "login_required", True):
            return
        person = request.user
        if isinstance(person, Person) and person.school is not None:
            timezone.activate(person.school.zone)
