"""Pages by which anybody is told of incidents: by mail or webhook, after they confirmed it; and no more."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from jobs.status import current, subscribing
from jobs.status_pages.forms import SubscribeForm
from jobs.status_pages.links import whole

WRONG = 422


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for an address and ask it whether it wants to be told; the same is said for one that is known."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    shown: dict[str, Any] = {"form": form}
    if form.is_valid():
        site = whole("/", request=request).rstrip("/")
        try:
            made = subscribing.ask(**form.cleaned_data, site=site, now=timezone.now())
        except subscribing.CannotSubscribe as refusal:
            form.add_error(None, str(refusal))
        else:
            is_webhook = bool(form.cleaned_data["url"])
            shown |= {"asked": True, "is_webhook": is_webhook}
            shown["secret"] = made.secret if made and is_webhook else ""
    status = WRONG if form.is_bound and not shown.get("asked") else 200
    return _page(request, "subscribe", shown, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a click, since programs open every link in a mail; then tell the subscriber from now on."""
    subscriber = subscribing.subscriber_of(token)
    if subscriber is not None and request.method == "POST":
        subscriber = subscribing.confirm(token, now=timezone.now())
    return _page(request, "confirm", {"subscriber": subscriber}, status=200 if subscriber else 404)


@csrf_exempt  # mail programs post without a cookie of ours (RFC 8058); the link itself is the permission
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a click, then forget the subscriber."""
    subscriber = subscribing.subscriber_of(token)
    is_gone = subscriber is None
    if request.method == "POST":
        subscribing.forget(token)
        is_gone = True
    return _page(request, "forget", {"is_gone": is_gone})


def _page(request: HttpRequest, name: str, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    told = current.told(now=timezone.now())
    common = {"told": told, "address": reverse("status:page")}
    return render(request, f"jobs/status/{name}.html", {**common, **shown}, status=status)
