"""Pages of a sent mailing's recipients: who is in which state, and the same as a CSV file."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from emails import recipient_lists
from emails.models import Mailing, RecipientState
from emails.models.mailings import PINNED_IDS

RECIPIENTS_A_PAGE = 100


@require_GET
def show_recipients(request: HttpRequest, pk: int) -> HttpResponse:
    """List the recipients of one state, or all."""
    mailing, state = _sent(request, pk), _state(request)
    rows = recipient_lists.recipients_in(mailing, state=state)
    page = Paginator(rows, RECIPIENTS_A_PAGE).get_page(request.GET.get("page"))
    recipients = recipient_lists.name_states(mailing, list(page.object_list))
    shown = {"mailing": mailing, "page": page, "recipients": recipients, "state": state}
    return render(request, "emails/recipients.html", {**shown, "states": RecipientState.choices})


@require_GET
def download_recipients(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Hand out the same as a CSV file, however many they are."""
    mailing, state = _sent(request, pk), _state(request)
    name = f"mailing-{mailing.pk}-{state or 'recipients'}.csv"
    return StreamingHttpResponse(
        recipient_lists.csv_lines(mailing, state=state),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _sent(request: HttpRequest, pk: int) -> Mailing:
    visible = Mailing.objects.visible_to(request.user).filter(job__isnull=False)
    mailing: Mailing = get_object_or_404(visible.select_related("job", "school").defer(*PINNED_IDS), pk=pk)
    return mailing


def _state(request: HttpRequest) -> str:
    """Return the state that is asked for; none for one that does not exist."""
    state = request.GET.get("state", "")
    return state if state in RecipientState else ""
