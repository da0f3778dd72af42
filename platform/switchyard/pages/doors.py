"""Which pages ask who reads them."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class SignInRequired(LoginRequiredMiddleware):
    """Lets only people in who are signed in, but where anybody may read.

    There Django's own would still look up who it is: in the database, which the status page must not need.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Ask who reads, unless anybody may."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
