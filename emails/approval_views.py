"""The clicks by which a draft is put to those who may send it, and given back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from emails import approving
from emails.sending import AlreadySent
from emails.views import mailing_of
from jobs.access import needs, person_of
from jobs.forms import ReasonForm
from jobs.rights import Right


@needs(Right.WORK)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask those who may send to send the draft."""
    try:
        approving.ask(mailing_of(request, pk), by=person_of(request), now=timezone.now())
    except AlreadySent as error:
        messages.warning(request, str(error))
    else:
        messages.success(
            request, _("Your colleagues who may send it are told. You need not keep this page open.")
        )
    return redirect("emails:check", pk)


@needs(Right.SEND)
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the draft back to who asked for it to be sent."""
    mailing, form = mailing_of(request, pk), ReasonForm(request.POST)
    try:
        was_asked = approving.give_back(mailing, by=person_of(request), why=form.reason)
    except AlreadySent as error:
        messages.warning(request, str(error))
    else:
        if was_asked:
            messages.success(request, _("It is given back, and who asked for it is told."))
    return redirect("emails:preview", pk)
