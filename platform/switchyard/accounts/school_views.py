"""Going to a school's own sign-in and coming back; a provider that is away is said on a page."""

from collections.abc import Callable

import requests
import structlog
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect import views as library
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from switchyard.accounts import schools_own

log = structlog.get_logger()

BAD_GATEWAY = 502


@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the provider of the school."""
    _find(provider_id)
    return _said(library.login, request, provider_id)


@login_not_required
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in whom the provider vouches for."""
    _find(provider_id)
    return _said(library.callback, request, provider_id)


def _find(slug: str) -> None:
    """Raise Http404 where the school has no provider that speaks OpenID Connect."""
    get_object_or_404(SocialApp, provider=schools_own.OPENID_CONNECT, provider_id=slug)


def _said(
    view: Callable[[HttpRequest, str], HttpResponse], request: HttpRequest, school: str
) -> HttpResponse:
    try:
        return view(request, school)
    except (requests.RequestException, KeyError) as error:  # away, or it tells less of itself than it must
        log.warning("school_sign_in_failed", school=school, error=type(error).__name__)
        return render(request, "socialaccount/authentication_error.html", status=BAD_GATEWAY)
