"""Pages of a sent mailing's recipients: who is in which state, and the same as a CSV file."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from emails import carriers, recipient_lists
from emails.models import Mailing, RecipientState
from emails.models.mailings import PINNED_IDS
from jobs.access import person_of

RECIPIENTS_A_PAGE = 100


@require_safe
def show_recipients(request: HttpRequest, pk: int) -> HttpResponse:
    """List the recipients of one state, or all."""
    mailing, state = _sent(request, pk), _state(request)
    is_at_rest = recipient_lists.has_come_to_rest(mailing)
    rows = recipient_lists.recipients_in(mailing, state=state, is_at_rest=is_at_rest)
    page = Paginator(rows, RECIPIENTS_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "mailing": mailing,
        "page": page,
        "state": state,
        "states": recipient_lists.state_choices(is_at_rest=is_at_rest),
        "is_at_rest": is_at_rest,
        "taken_by": carriers.taken_by(mailing),
    }
    return render(request, "emails/recipients.html", shown)


@require_safe
def download_recipients(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Hand out the same as a CSV file, however many they are."""
    mailing, state = _sent(request, pk), _state(request)
    name = f"mailing-{mailing.pk}-{state or 'recipients'}.csv"
    return StreamingHttpResponse(
        recipient_lists.csv_lines(mailing, state=state),
        content_type=_("text/csv; charset=utf-8"),
        headers={
            "Content-Disposition": _('attachment; filename="{name}"').format(name=name),
            "Cache-Control": "no-store",
        },
    )


def _sent(request: HttpRequest, pk: int) -> Mailing:
    """Return a sent mailing of the person's own school: ops see jobs, but no lists of names, as no files."""
    sent = Mailing.objects.filter(job__isnull=False).select_related("job", "school").defer(*PINNED_IDS)
    mailing: Mailing = get_object_or_404(sent, pk=pk, school_id=person_of(request).school_id)
    return mailing


def _state(request: HttpRequest) -> str:
    """Return the state that is asked for; none for one that does not exist."""
    state = request.GET.get("state", "")
    return state if state in RecipientState else ""
