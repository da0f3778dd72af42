"""Where a mail provider tells what became of mails; it proves itself with a secret and needs no sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from emails.providers import events


@csrf_exempt  # a provider has no cookie of ours; the secret is what counts
@login_not_required
@require_http_methods(["HEAD", "POST"])
def take_events(request: HttpRequest, provider: str) -> HttpResponse:
    """Note the events that were posted; a HEAD is how some providers try the address."""
    if request.method == "HEAD":
        return HttpResponse()
    try:
        told = events.read(request, name=provider)
    except events.NotConfigured as error:
        raise Http404 from error
    except events.NotProved:
        return HttpResponse(_("This request is not proved to come from the provider.\n"), status=403)
    except events.NotEvents:
        return HttpResponse(_("This request holds no events of mails.\n"), status=400)
    events.note_all(told, name=provider, now=timezone.now())
    return HttpResponse(status=204)
