"""Pages of packets: the list, and the form for a new one."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from jobs.access import needs, person_of, school_of
from jobs.forms import StudentFilterForm
from jobs.rights import Right
from packets import queries
from packets.forms import PacketForm
from packets.requesting import MOST_STUDENTS, request_packet

PACKETS_A_PAGE = 25


@require_GET
def show_packets(request: HttpRequest) -> HttpResponse:
    """List the packets that the person may see, newest first."""
    packets = queries.packets_of(person_of(request))
    page = Paginator(packets, PACKETS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "packets/list.html", {"page": page})


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def new_packet(request: HttpRequest) -> HttpResponse:
    """Offer the students that the filter in the address finds; build a packet of those that are ticked."""
    school, sent = school_of(request), request.POST if request.method == "POST" else None
    if sent and "find" in sent:
        return _find(request, sent, school_id=school.pk)
    form = PacketForm(sent, school_id=school.pk)
    if form.is_valid():
        job = request_packet(school=school, by=person_of(request), request=form.request)
        return redirect("jobs:show", job.pk)
    found = QueryDict(sent["found"]) if sent and "found" in sent else request.GET
    chosen = StudentFilterForm(found, school_id=school.pk)
    return _show_form(request, form, chosen=chosen, ticked=form.ticked)


def _find(request: HttpRequest, sent: QueryDict, *, school_id: int) -> HttpResponse:
    """Look for other students without a script; ticks stay while the same students are meant."""
    form = PacketForm.keeping(sent, school_id=school_id)
    wanted = QueryDict() if sent["find"] == "all" else sent
    chosen = StudentFilterForm(wanted, school_id=school_id)
    before = StudentFilterForm(QueryDict(sent.get("found", "")), school_id=school_id)
    ticked = set(sent.getlist("students")) if chosen.chosen == before.chosen else None
    return _show_form(request, form, chosen=chosen, ticked=ticked)


def _show_form(
    request: HttpRequest, form: PacketForm, *, chosen: StudentFilterForm, ticked: set[str] | None
) -> HttpResponse:
    school_id = school_of(request).pk
    found = queries.matches(school_id=school_id, chosen=chosen.chosen, ticked=ticked)
    context = {"form": form, "filter": chosen, "matches": found, "most_students": MOST_STUDENTS}
    return render(request, "packets/new.html", context, status=422 if form.is_bound else 200)
