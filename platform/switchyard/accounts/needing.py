"""Whoever needs a second step and has none gets to the page that sets one up, and nowhere else."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.models import Person
from switchyard.accounts import second_steps

OPEN = ("/account/", "/sign-out/", settings.STATIC_URL)


def second_step_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Lead people who lack a second step to the page where they set one up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        person = request.user if settings.SECOND_STEP_FOR else None
        if (
            not isinstance(person, Person)
            or request.path.startswith(OPEN)
            or not second_steps.is_needed_by(person)
            or second_steps.has_one(person)
        ):
            return get_response(request)
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": reverse("mfa_index")})
        said = _("{role}s sign in with an app or a passkey. Please set up one of them.").format(
            role=person.get_role_display()
        )
        messages.warning(request, said)
        return redirect("mfa_index")

    return middleware
