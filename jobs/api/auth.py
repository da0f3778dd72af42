"""Who asks: the program that has a token, and what the token was made for."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from jobs import tokens
from jobs.api import problems
from jobs.models import ApiToken, Scope


class Bearer(HttpBearer):
    """Lets in who brings a valid token with the scope; signed-in people's cookies count for nothing."""

    def __init__(self, scope: Scope) -> None:
        """Ask for `scope`."""
        super().__init__()
        self._scope = scope

    def authenticate(self, _request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token whose text was sent; None lets nobody in.

        Raises:
            Problem: the token was not made for this.
        """
        found = tokens.find(token, now=timezone.now())
        if found is not None and not found.allows(self._scope):
            raise problems.scope_missing(str(self._scope))
        return found


def token_of(request: HttpRequest) -> ApiToken:
    """Return the token that `Bearer` let in."""
    return cast("ApiToken", cast("Any", request).auth)
