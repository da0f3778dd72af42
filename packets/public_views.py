"""The page of an employer's link to a packet, without sign-in: password, notice, download."""

from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from jobs.amounts import length
from jobs.clients import client_address, network_of
from jobs.guessing import TooManyGuesses
from jobs.views import as_download
from packets import releasing, sharing
from packets.models import Share
from packets.policies import Policy, notice_of, policy_of
from packets.sharing import WrongPassword

Response = TypeVar("Response", bound=HttpResponseBase)
NO_TRACE = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}


@csrf_exempt  # the link itself is the permission, and browsers without cookies may fetch the file too
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_shared(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask for the password, show the notice, and hand out the file on a POST: mail scanners open links."""
    share, now = sharing.share_of(token), timezone.now()
    if share is None:
        message = _("This link is not one of ours, or what it led to is not kept any more.")
        raise Http404(message)
    file = sharing.file_of(share, now=now)
    if file is None:
        return _page(request, share, "gone", status=410)
    policy = policy_of(share.school)
    if releasing.rests(share.packet, policy=policy):
        return _page(request, share, "rests", status=410)
    if "password" in request.POST:
        return _unlock(request, share, policy)
    if not sharing.lets_in(share, request.POST.get("pass", "")):
        return _page(request, share, "password")
    if request.method == "POST" and sharing.take(share, file, now=now):
        return _traceless(as_download(file))
    return _notice(request, share, policy)


def _unlock(request: HttpRequest, share: Share, policy: Policy) -> HttpResponse:
    network = network_of(client_address(request))
    try:
        given = sharing.try_password(share, request.POST["password"], network=network, now=timezone.now())
    except WrongPassword:
        return _page(request, share, "password", status=403, wrong=_("This is not the password."))
    except TooManyGuesses as refusal:
        wrong = _("There were too many wrong passwords. Please try again in {wait}.").format(
            wait=length(refusal.wait)
        )
        return _page(request, share, "password", status=429, wrong=wrong)
    return _notice(request, share, policy, given=given)


def _notice(request: HttpRequest, share: Share, policy: Policy, *, given: str = "") -> HttpResponse:
    if request.method != "HEAD":
        share.count_view(now=timezone.now())
    notice = notice_of(share.packet, policy=policy)
    return _page(request, share, "notice", given=given, notice=notice)


def _page(request: HttpRequest, share: Share, step: str, *, status: int = 200, **shown: Any) -> HttpResponse:
    about = {"share": share, "packet": share.packet, "school": share.school, "step": step, **shown}
    return _traceless(render(request, "packets/shared.html", about, status=status))


def _traceless(response: Response) -> Response:
    for name, value in NO_TRACE.items():
        response[name] = value
    # Django would write the address of whatever is refused into the log, and it is a link.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - its own mark
    return response
