"""Which pages ask who reads them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from jobs.language import gettext_lazy as _
from jobs.models import Person

SCHOOL_IS_OFF = _("Your school is switched off on this platform. Its administrators can tell you more.")


class SignInRequired(LoginRequiredMiddleware):
    """Lets only people in who are signed in, but where anybody may read.

    There Django's own would still look up who it is: in the database, which the status page must not need.
    People of a school that is off are signed out at their next click.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Ask who reads, unless anybody may."""
        if not getattr(view_func, "login_required", True):
            return None
        if isinstance(request.user, Person) and not request.user.is_let_in:
            logout(request)
            messages.warning(request, SCHOOL_IS_OFF)
            return redirect("sign-in")
        return super().process_view(request, view_func, view_args, view_kwargs)
