"""Which requests PostgreSQL answers with the rows of one school only."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jobs import walls
from jobs.models import Person


class WallMiddleware:
    """Puts the wall up around the school of whoever is signed in, while a view answers.

    People of the platform see all schools, and pages without sign-in know nobody's. A program's request is
    walled by its token (`jobs.api.auth`). It does not hold for what a response streams later.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand in front of `get_response`."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and leave no wall to the next request of this thread."""
        with walls.around(None):
            return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: object) -> None:
        """Put it up for people of a school."""
        if not getattr(view, "login_required", True):
            return
        person = request.user
        if isinstance(person, Person) and not (person.sees_operations or person.is_superuser):
            walls.put_up(person.school_id)
