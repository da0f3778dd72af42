"""Whoever may only look sends nothing that changes something, whichever page it is."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from jobs.access import require_change

OF_ONES_OWN = ("/account/", "/sign-out/", "/time-zone/", "/notifications/")
"""Pages by which people change what is theirs alone."""


class ReadersChangeNothing:
    """Middleware: the right to change is asked for before any view is reached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Stand before `get_response`."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Refuse what the person may not do.

        Raises:
            PermissionDenied: the person only looks, and this may change something.
        """
        if not request.path.startswith((*OF_ONES_OWN, settings.STATIC_URL)):
            require_change(request)
