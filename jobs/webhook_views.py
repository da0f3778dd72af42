"""Pages of a school's webhooks: the list, a new one, one with its messages."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import deliveries, webhooks
from jobs.access import needs, person_of, school_of
from jobs.forms import SecretForm, WebhookForm
from jobs.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from jobs.refreshing import refreshed
from jobs.rights import Right
from jobs.settings import switchyard

MESSAGES_SHOWN = 25
NEW_WEBHOOK = "new_webhook"
"""In the session: the webhook whose secret the next page shows, once."""

SWITCHED_ON = gettext_lazy("The webhook is on: it is told of jobs that end from now on.")
SWITCHED_OFF = gettext_lazy(
    "The webhook is off. Messages that were on their way are given up; try them again when it is on."
)


@require_safe
def show_webhooks(request: HttpRequest) -> HttpResponse:
    """List the school's webhooks."""
    return render(request, "jobs/webhooks.html", {"webhooks": _ours(request)})


@needs(Right.PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_webhook(request: HttpRequest) -> HttpResponse:
    """Ask for the address of a new webhook, and add it."""
    school, form = school_of(request), WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = webhooks.add(school=school, url=form.cleaned_data["url"], by=person_of(request))
        except webhooks.CannotAdd as error:
            form.add_error("url", str(error))
        else:
            request.session[NEW_WEBHOOK] = added.pk
            return redirect("jobs:webhook", added.pk)
    return render(request, "jobs/webhook_new.html", {"form": form})


@needs(Right.PROGRAMS)
@never_cache
@require_safe
def show_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one webhook with its latest messages; right after its secret was made, with that."""
    webhook = _webhook(request, pk)
    is_new = request.session.get(NEW_WEBHOOK) == pk
    if is_new:
        del request.session[NEW_WEBHOOK]
    shown = {"signs_twice": webhook.signs_twice(timezone.now()), "secret": webhook.secret if is_new else ""}
    return render(request, "jobs/webhook.html", {**_messages(webhook), **shown})


@needs(Right.PROGRAMS)
@refreshed
@require_safe
def show_messages(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the messages on the page of a webhook."""
    return render(request, "jobs/webhook_messages.html", _messages(_webhook(request, pk)))


@needs(Right.PROGRAMS)
@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message."""
    webhook = _webhook(request, pk)
    webhooks.send_test(webhook, by=person_of(request))
    messages.success(request, _("A test message is on its way."))
    return redirect("jobs:webhook", pk)


@needs(Right.PROGRAMS)
@require_POST
def switch_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch the webhook on, or off."""
    is_on = "on" in request.POST
    webhooks.switch(_webhook(request, pk), on=is_on)
    messages.success(request, SWITCHED_ON if is_on else SWITCHED_OFF)
    return redirect("jobs:webhook", pk)


@needs(Right.PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def renew_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how the secret shall be changed, and make a new one."""
    webhook, form = _webhook(request, pk), SecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhooks.renew_secret(webhook, keep_old=form.keeps_old, now=timezone.now())
        except webhooks.CannotRenew as error:
            form.add_error(None, str(error))
        else:
            request.session[NEW_WEBHOOK] = pk
            return redirect("jobs:webhook", pk)
    shown = {"webhook": webhook, "form": form, "hours": switchyard().webhooks.overlap_hours}
    return render(request, "jobs/webhook_secret.html", shown, status=422 if form.is_bound else 200)


@needs(Right.PROGRAMS)
@require_POST
def forget_old_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop signing with the old secret."""
    webhooks.forget_old_secret(_webhook(request, pk))
    messages.success(request, _("Messages are signed with the new secret alone from now on."))
    return redirect("jobs:webhook", pk)


@needs(Right.PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether the webhook shall be deleted, and delete it."""
    webhook = _webhook(request, pk)
    if request.method == "POST":
        webhooks.remove(webhook)
        messages.success(request, _("The webhook was deleted."))
        return redirect("jobs:webhooks")
    return render(request, "jobs/webhook_delete.html", {"webhook": webhook})


@needs(Right.PROGRAMS)
@require_POST
def retry_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Try at once to deliver a message."""
    school_of(request)
    ours = WebhookDelivery.objects.visible_to(request.user).select_related("endpoint", "job")
    delivery = get_object_or_404(ours, pk=pk)
    try:
        deliveries.try_now(delivery, by=person_of(request), now=timezone.now())
    except deliveries.CannotTry as error:
        messages.info(request, str(error))
    return redirect("jobs:webhook", delivery.endpoint_id)


def _messages(webhook: WebhookEndpoint) -> dict[str, Any]:
    found = list(deliveries.latest(webhook, limit=MESSAGES_SHOWN))
    return {
        "webhook": webhook,
        "latest": found,
        "is_live": any(message.delivery.state == DeliveryState.WAITING for message in found),
    }


def _ours(request: HttpRequest) -> QuerySet[WebhookEndpoint]:
    school_of(request)
    ours: QuerySet[WebhookEndpoint] = WebhookEndpoint.objects.visible_to(request.user)
    return ours


def _webhook(request: HttpRequest, pk: int) -> WebhookEndpoint:
    return get_object_or_404(_ours(request), pk=pk)
