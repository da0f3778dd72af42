"""Pages of a school's webhooks: the list, a new one, one with its messages."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs import lifecycle, webhooks
from jobs.access import person_of, school_of
from jobs.forms import WebhookForm
from jobs.models import Job, WebhookDelivery, WebhookEndpoint

MESSAGES_SHOWN = 25
NEW_WEBHOOK = "new_webhook"
"""In the session: the webhook whose secret the next page shows, once."""


@require_GET
def show_webhooks(request: HttpRequest) -> HttpResponse:
    """List the school's webhooks."""
    return render(request, "jobs/webhooks.html", {"webhooks": _ours(request)})


@require_http_methods(["GET", "POST"])
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


@never_cache
@require_GET
def show_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one webhook with its latest messages; right after it was added, with its secret."""
    webhook = _webhook(request, pk)
    is_new = request.session.get(NEW_WEBHOOK) == pk
    if is_new:
        del request.session[NEW_WEBHOOK]
    deliveries = webhook.deliveries.select_related("about", "job").order_by("-id")[:MESSAGES_SHOWN]
    secret = webhook.secret if is_new else ""
    shown = {"webhook": webhook, "deliveries": deliveries, "secret": secret}
    return render(request, "jobs/webhook.html", shown)


@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message."""
    webhook = _webhook(request, pk)
    webhooks.send_test(webhook, by=person_of(request))
    messages.success(request, "A test message is on its way. Load this page again to see what became of it.")
    return redirect("jobs:webhook", pk)


@require_POST
def switch_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch the webhook on, or off."""
    webhooks.switch(_webhook(request, pk), on="on" in request.POST)
    return redirect("jobs:webhook", pk)


@require_http_methods(["GET", "POST"])
def delete_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether the webhook shall be deleted, and delete it."""
    webhook = _webhook(request, pk)
    if request.method == "POST":
        webhooks.remove(webhook)
        messages.success(request, "The webhook was deleted.")
        return redirect("jobs:webhooks")
    return render(request, "jobs/webhook_delete.html", {"webhook": webhook})


@require_POST
def retry_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again to deliver a message that was given up."""
    school_of(request)
    delivery = get_object_or_404(WebhookDelivery.objects.visible_to(request.user), pk=pk)
    try:
        lifecycle.retry(get_object_or_404(Job, pk=delivery.job_id), by=person_of(request))
    except lifecycle.CannotChange:
        messages.info(request, "This message is on its way or was delivered already.")
    return redirect("jobs:webhook", delivery.endpoint_id)


def _ours(request: HttpRequest) -> QuerySet[WebhookEndpoint]:
    school_of(request)
    ours: QuerySet[WebhookEndpoint] = WebhookEndpoint.objects.visible_to(request.user)
    return ours


def _webhook(request: HttpRequest, pk: int) -> WebhookEndpoint:
    return get_object_or_404(_ours(request), pk=pk)
