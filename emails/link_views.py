"""The page of a recipient's own link to a file, without sign-in; and the click that ends all of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from emails import linking, outcomes
from emails.views import mailing_of
from jobs.access import person_of
from jobs.views import as_download


@csrf_exempt  # the link itself is the permission, and browsers without cookies may fetch the file too
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """Hand out the file on a POST, and count it; a GET only tells of it: mail scanners open every link."""
    now, found = timezone.now(), linking.read_token(token)
    if found is None:
        message = _("This link is not one of ours, or the file that it led to is not kept any more.")
        raise Http404(message)
    linked, recipient_id = found
    if request.method == "POST" and linked.is_open(now=now):
        response = as_download(linked.file)
        linking.count_download(linked, recipient_id=recipient_id, now=now)
        return response
    is_open = linked.is_open(now=now)
    shown = {"linked": linked, "file": linked.file, "school": linked.school, "is_open": is_open}
    return render(request, "emails/file.html", shown, status=200 if is_open else 410)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_links(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether the links of a mailing shall work no more, and end them."""
    mailing = mailing_of(request, pk)
    links = outcomes.file_links_of(mailing, now=timezone.now())
    if links is None:
        message = _("This mailing has no links to files, or none of its mails was sent yet.")
        raise Http404(message)
    if request.method == "POST":
        linking.revoke(mailing, by=person_of(request), now=timezone.now())
        messages.success(request, _("The links to the files of this mailing do not work any more."))
        return redirect("jobs:show", mailing.job_id)
    return render(request, "emails/links_revoke.html", {"mailing": mailing, "links": links})
