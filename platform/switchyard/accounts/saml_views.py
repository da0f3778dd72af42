"""Going to a school's own SAML provider and coming back."""

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import structlog
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.base.utils import respond_to_login_on_get
from allauth.socialaccount.sessions import LoginSession
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from switchyard.accounts import schools_own
from switchyard.accounts.saml_answers import Said, read_answer
from switchyard.accounts.saml_platform import address_to_sign_in, metadata, place_of
from switchyard.accounts.saml_refusals import AnswerRefused, Reason

log = structlog.get_logger()

METADATA_NAME = "switchyard.xml"
KEPT_AS = ("saml_answer", "saml-answer")
"""The session in which an answer crosses over to the browser's own, and its cookie."""


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """A person in the words in which the library of accounts asks for them."""

    said: Said

    def get_attributes(self) -> dict[str, list[str]]:
        """Return what is to be known of them."""
        return {"name": [self.said.name], "address": [self.said.address]}


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the provider of the school."""
    provider = _provider(request, provider_id)
    asked = respond_to_login_on_get(request, provider)
    if asked is not None:
        return asked  # type: ignore[no-any-return]  # the package ships no types
    place = place_of(request, provider_id)
    address, request_id = address_to_sign_in(place, schools_own.saml_of(provider.app))
    wanted = get_next_redirect_url(request)
    provider.stash_redirect_state(request, AuthProcess.LOGIN, next_url=wanted, state_id=request_id)
    return redirect(address)


@login_not_required
@never_cache
@csrf_exempt  # it is signed, and serves only the browser in which its request began
@sensitive_post_parameters("SAMLResponse")
@require_POST
def take_answer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Read what the provider sends by a browser, which gives no session along from another site."""
    app = _provider(request, provider_id).app
    try:
        said = read_answer(
            request.POST.get("SAMLResponse", ""),
            provider=schools_own.saml_of(app),
            place=place_of(request, provider_id),
            domains=app.settings["verified_email"],
            address_attribute=app.settings["address_attribute"],
        )
    except AnswerRefused as refusal:
        return _refused(request, provider_id, refusal.reason)
    answer = redirect("saml-return", provider_id=provider_id)
    kept = LoginSession(request, *KEPT_AS)
    kept.store.update({"school": provider_id, "said": asdict(said)})
    kept.save(answer)
    answer.cookies[KEPT_AS[1]]["httponly"] = True
    return answer


@login_not_required
@never_cache
@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in whom the provider vouches for, in the browser that asked."""
    provider = _provider(request, provider_id)
    kept = LoginSession(request, *KEPT_AS)
    told = kept.store.get("said") if kept.store.get("school") == provider_id else None
    kept.delete()
    try:
        state = provider.unstash_redirect_state(request, told["request_id"]) if told else None
    except PermissionDenied:
        state = None
    if told is None or state is None:
        return _refused(request, provider_id, Reason.NOT_BEGUN_HERE)
    login = provider.sociallogin_from_response(request, Vouched(said=Said(**told)))
    login.state, login.account.extra_data = state, {}
    return complete_social_login(request, login)  # type: ignore[no-any-return]  # the package ships no types


@login_not_required
@require_safe
def show_metadata(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Tell about the platform whoever runs a provider; whether there is such a school is not said."""
    about = metadata(place_of(request, provider_id))
    response = HttpResponse(about, content_type="application/samlmetadata+xml")
    response["Content-Disposition"] = f'attachment; filename="{METADATA_NAME}"'
    return response


def _provider(request: HttpRequest, slug: str) -> Any:
    """Return the library's provider of the school.

    Raises:
        Http404: it has none that speaks SAML.
    """
    try:
        return get_adapter().get_provider(request, provider=schools_own.SAML, client_id=slug)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error


def _refused(request: HttpRequest, slug: str, reason: Reason) -> HttpResponse:
    log.warning("school_sign_in_failed", school=slug, error=reason.name.lower())
    return render(
        request, "account/provider_refused.html", {"reason": reason.value}, status=HTTPStatus.FORBIDDEN
    )
