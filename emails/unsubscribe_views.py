"""The page of a recipient's own link by which they unsubscribe; whoever has the link needs no sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from emails import unsubscribing
from emails.suppression_forms import WishForm


@csrf_exempt  # mail programs post without a cookie of ours (RFC 8058); the link itself is the permission
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Follow a wish that was posted; a GET only asks, because programs that look for harm open every link."""
    recipient = unsubscribing.recipient_of(token)
    if recipient is None:
        message = _("This link is not one of ours, or the mail that it came with is too old.")
        raise Http404(message)
    wish = WishForm(request.POST).wanted if request.method == "POST" else None
    if wish is not None:
        unsubscribing.follow(wish, recipient=recipient, now=timezone.now())
    mailbox, _at, domain = recipient.address.rpartition("@")
    shown = {
        "address": f"{mailbox[:1]}…\N{WORD JOINER}@{domain}",
        "school": recipient.school,
        "listed": unsubscribing.listing_of(recipient),
        "wish": wish or "",
    }
    is_unclear = request.method == "POST" and wish is None
    return render(request, "emails/unsubscribe.html", shown, status=400 if is_unclear else 200)
