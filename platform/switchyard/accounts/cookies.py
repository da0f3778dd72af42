"""The cookie that names a person's session."""

from django.conf import settings
from django.contrib.sessions import middleware
from django.http import HttpRequest, HttpResponse


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's own, but an answer takes the cookie away only if its request ended the session.

    Signing in gives the session a new name. A request that was under way meanwhile, a page's refresh or the
    second of two clicks, still carries the old name, which nothing belongs to any more; Django would take the
    cookie away with its answer, and if that came last, the person would be signed out at once.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Keep the session and its cookie as the request left them."""
        response = super().process_response(request, response)
        if not request.session.modified:
            response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return response
