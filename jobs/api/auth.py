"""Who asks: the program that has a token, and what the token was made for."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from jobs import quotas, tokens, walls
from jobs.api import problems
from jobs.models import ApiToken, Scope
from jobs.quotas import Quota

QUOTA = "quota"
"""The attribute of a request that has what is left to its token."""


class Bearer(HttpBearer):
    """Lets in who brings a valid token with the scope; signed-in people's cookies count for nothing."""

    def __init__(self, scope: Scope) -> None:
        """Ask for `scope`."""
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token whose text was sent; None lets nobody in.

        Raises:
            Problem: the token was not made for this, is spent, is used too often, or its school is off.
        """
        try:
            found = tokens.find(token, now=timezone.now())
        except tokens.TokenSpent as error:
            raise problems.token_spent(str(error)) from error
        except tokens.SchoolIsOff as error:
            raise problems.school_is_off(str(error)) from error
        if found is not None:
            walls.put_up(found.school_id)
            _count(request, found)
            if not found.allows(self.scope):
                raise problems.scope_missing(self.scope)
        return found


def token_of(request: HttpRequest) -> ApiToken:
    """Return the token that `Bearer` let in."""
    return cast("ApiToken", cast("Any", request).auth)


def quota_of(request: HttpRequest) -> Quota | None:
    """Return what is left to the token of `request`; None when nobody was let in."""
    return getattr(request, QUOTA, None)


def _count(request: HttpRequest, token: ApiToken) -> None:
    """Count the request.

    Raises:
        Problem: there were too many.
    """
    quota = quotas.use(token, now=timezone.now())
    setattr(request, QUOTA, quota)
    if quota.is_refused:
        raise problems.too_many_requests(most=quota.most, seconds=quota.next_in_seconds)
