"""The page before a mailing is sent: what the pre-flight found, and the click that sends."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from emails import approving, drafting, preflight, sending
from emails.findings import Choice
from emails.models import Mailing
from emails.preview_forms import SendForm
from emails.views import mailing_of
from jobs.access import needs, person_of
from jobs.rights import Right

NAMED = 3
"""Of those who are asked to send a draft."""


@require_safe
def show_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the pre-flight finds about a draft; a sent mailing's page is its job's."""
    mailing = mailing_of(request, pk)
    if mailing.job_id is not None:
        return redirect("jobs:show", mailing.job_id)
    seen = request.GET.get("version")
    if seen is not None and seen != mailing.version(files=mailing.attached_files()):
        messages.warning(request, _("The draft was changed meanwhile. This is how it looks now."))
        return redirect("emails:preview", mailing.pk)
    return _show(request, mailing, form=None)


@needs(Right.SEND)
@require_POST
def send_mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the draft as it was looked at, to as many students as were typed; else nothing is sent."""
    mailing = mailing_of(request, pk)
    form = SendForm(request.POST, now=timezone.now())
    if not form.is_valid() and "version" not in form.errors:
        return _show(request, mailing, form=form)
    try:
        job = sending.send(
            mailing=mailing, by=person_of(request), require=preflight.require_sendable, **form.wanted
        )
    except (sending.RecipientsChanged, preflight.Blocked) as error:
        form.add_error("confirmed", str(error))
        return _show(request, mailing, form=form)
    except (sending.DraftChanged, sending.NoRecipients) as error:
        messages.warning(request, str(error))
        return redirect("emails:preview", mailing.pk)
    return redirect("jobs:show", job.pk)


@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who is left out of the draft, as a click beside a finding says, and look at it again."""
    mailing = mailing_of(request, pk)
    chosen = request.POST.get("choice", "")
    try:
        if chosen in set(Choice):
            drafting.choose(mailing=mailing, choice=Choice(chosen))
    except sending.AlreadySent as error:
        messages.warning(request, str(error))
    return redirect("emails:check", pk)


def _show(request: HttpRequest, mailing: Mailing, *, form: SendForm | None) -> HttpResponse:
    now = timezone.now()
    found = preflight.preflight_of(mailing, now=now)
    status = 422 if form else 200
    form = form or SendForm(initial={"version": found.version}, now=now)
    if found.ways:
        form.offer(found.ways, as_links=found.as_links)
    asked = approving.senders_of(mailing.school)[:NAMED] if not person_of(request).may_send else []
    shown = {"mailing": mailing, "found": found, "form": form, "asked": asked}
    return render(request, "emails/check.html", shown, status=status)
