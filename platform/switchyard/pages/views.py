"""Views of the project's own pages but home and signing in: Flower, the yard's mailbox."""

from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from jobs.access import for_operations
from switchyard.pages import flower as flower_pages
from switchyard.pages import mailbox as mailbox_folder


@csrf_exempt  # nothing that passes changes anything: `allows` lets reads through and no more
@for_operations
def flower(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pass a read on to Flower, for ops and admins."""
    if not flower_pages.allows(method=request.method or "", path=path):
        return HttpResponseNotAllowed(["GET"])
    try:
        return flower_pages.fetch(request)
    except flower_pages.FlowerIsDown:
        return render(request, "pages/flower_down.html", status=502)


@login_not_required
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the newest mails that the yard caught; only the yard has this page."""
    mails = mailbox_folder.newest(_mail_folder())
    return render(request, "pages/mailbox.html", {"mails": mails, "shown": mailbox_folder.SHOWN})


@login_not_required
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail that the yard caught."""
    try:
        opened = mailbox_folder.opened(_mail_folder(), name=name)
    except mailbox_folder.NoSuchMail as error:
        raise Http404(str(error)) from error
    return render(request, "pages/mail.html", {"mail": opened})


@login_not_required
@require_safe
def mail_attachment(_request: HttpRequest, name: str, number: int) -> FileResponse:
    """Hand out an attachment of a mail that the yard caught, always as a download."""
    try:
        found = mailbox_folder.attachment(_mail_folder(), name=name, number=number)
    except mailbox_folder.NoSuchMail as error:
        raise Http404(str(error)) from error
    return FileResponse(
        BytesIO(found.content),
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )


def _mail_folder() -> Path:
    if not settings.MAIL_CATCHER_FOLDER:
        message = "There is no mail catcher here."
        raise Http404(message)
    return Path(settings.MAIL_CATCHER_FOLDER)
