"""Which pages ask who reads them."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from jobs.language import gettext_lazy as _
from jobs.models import Person

SCHOOL_IS_OFF = _("Your school is switched off on this platform. Its administrators can tell you more.")

NOT_DONE = _(
    "You were signed out meanwhile, so what you sent was not done. Sign in: then the page that you sent it "
    "from opens again."
)


class SignInRequired(LoginRequiredMiddleware):
    """Lets only people in who are signed in, but where anybody may read.

    There Django's own would still look up who it is: in the database, which the status page must not need.
    People of a school that is off are signed out at their next click. Whose session has ended while they
    had a form open is told so, and led back to the form: what it was sent to may be no page.
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
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        if refused is None or request.method != "POST" or "HX-Request" in request.headers:
            return refused
        messages.warning(request, NOT_DONE)
        return redirect_to_login(_sent_from(request))


def _sent_from(request: HttpRequest) -> str:
    """Return the page of this site with the form, as the browser says, else where it was sent to."""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return request.path
    return page._replace(scheme="", netloc="").geturl()
