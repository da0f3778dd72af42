"""Pages of packets: the list, and the form for a new one."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jobs import typed
from jobs.access import needs, person_of, school_of
from jobs.forms import id_in
from jobs.models import School
from jobs.rights import Right
from packets import capping, keeping, policies, previewing, queries
from packets.finding import Finding
from packets.forms import PacketForm, SavingForm
from packets.models import TITLE_LENGTH, Packet
from packets.requesting import MOST_STUDENTS, request_packet
from packets.template_forms import NAME_TAKEN
from packets.title_patterns import filled

PACKETS_A_PAGE = 25
NEW = "packet"
"""As what the form of a new packet is kept while somebody fills it in."""


@require_safe
def show_packets(request: HttpRequest) -> HttpResponse:
    """List the packets that the person may see, newest first."""
    packets = queries.packets_of(person_of(request))
    page = Paginator(packets, PACKETS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "packets/list.html", {"page": page})


@require_safe
def show_picture(request: HttpRequest, pk: int, number: int) -> FileResponse:
    """Show a page of a packet as a picture, to people of its school only: ops see jobs, not documents."""
    packets = Packet.objects.select_related("result").filter(school=person_of(request).school_id)
    picture = get_object_or_404(queries.picture_of(get_object_or_404(packets, pk=pk), number=number)).picture
    response = FileResponse(picture.content.open("rb"), content_type=picture.media_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def new_packet(request: HttpRequest) -> HttpResponse:
    """Offer students by a filter or a list; build a packet of those that are ticked."""
    school, sent = school_of(request), request.POST
    if request.method != "POST":
        return _show_new(request, school)
    for button, answer in (("find", _find), ("use", _use), ("save", _save), ("preview", _preview)):
        if button in sent:
            return answer(request, sent, school)
    form = PacketForm(sent, school_id=school.pk)
    if form.is_valid():
        job = request_packet(school=school, by=person_of(request), request=form.request)
        typed.forget(NEW, person=person_of(request))
        return redirect("jobs:show", job.pk)
    return _show_again(request, form)


def _show_new(request: HttpRequest, school: School) -> HttpResponse:
    """Show the form as the person left it, else a new one or what the template of the address says."""
    form = _from_template(school, request.GET.get("template"))
    before = None if form else typed.typed_into(NEW, person=person_of(request))
    finding, ticked = Finding.of_address(request.GET, school_id=school.pk), None
    if before:
        fields = QueryDict(before.fields)
        form = PacketForm.keeping(fields, school_id=school.pk)
        if not request.GET:
            finding = Finding.shown(fields, address=request.GET, school_id=school.pk)
            ticked = set(fields.getlist("students"))
    return _show_form(request, form or PacketForm(school_id=school.pk), finding, ticked=ticked, typed=before)


def _find(request: HttpRequest, sent: QueryDict, school: School) -> HttpResponse:
    """Look for other students; ticks stay while the same students are meant."""
    form = PacketForm.keeping(sent, school_id=school.pk)
    wanted = Finding.wanted(sent, school_id=school.pk)
    before = Finding.shown(sent, address=QueryDict(), school_id=school.pk)
    ticked = set(sent.getlist("students")) if wanted.is_like(before) else None
    return _show_form(request, form, wanted, ticked=ticked)


def _use(request: HttpRequest, sent: QueryDict, school: School) -> HttpResponse:
    """Fill in the form with the choices of a template; the students stay."""
    form = _from_template(school, sent.get("template")) or PacketForm.keeping(sent, school_id=school.pk)
    return _show_again(request, form)


def _save(request: HttpRequest, sent: QueryDict, school: School) -> HttpResponse:
    """Make a template of the form; what is filled in and ticked stays."""
    form = SavingForm(sent, school_id=school.pk)
    if form.is_valid():
        try:
            made = keeping.keep(None, form.choices, school=school, by=person_of(request), now=timezone.now())
        except keeping.NameTaken:
            form.add_error("save_as", NAME_TAKEN)
        else:
            messages.success(
                request, _("The template “{made}” was saved. The packet is not built yet.").format(made=made)
            )
            return _show_again(request, PacketForm.keeping(sent, school_id=school.pk))
    return _show_again(request, form)


def _preview(request: HttpRequest, sent: QueryDict, school: School) -> HttpResponse:
    """Show the first pages of the packet that the form describes; nothing is built."""
    form = PacketForm(sent, school_id=school.pk)
    shown = previewing.preview(form.request, school=school) if form.is_valid() else None
    return _show_again(request, form, preview=shown)


def _from_template(school: School, given: str | None) -> PacketForm | None:
    """Return the form filled in from the template with the id that was `given`, if one was."""
    if not given:
        return None
    template = get_object_or_404(queries.templates_of(school.pk), pk=id_in(given))
    today = timezone.localdate()
    title = filled(template.title, school=school.name, today=today, longest=TITLE_LENGTH)
    return PacketForm.from_template(template, title=title)


def _show_again(request: HttpRequest, form: PacketForm, **more: Any) -> HttpResponse:
    """Show the students that the page showed, and the ticks that were sent."""
    sent, school_id = request.POST, school_of(request).pk
    shown = Finding.shown(sent, address=request.GET, school_id=school_id)
    return _show_form(request, form, shown, ticked=set(sent.getlist("students")), **more)


def _show_form(
    request: HttpRequest, form: PacketForm, finding: Finding, *, ticked: set[str] | None, **more: Any
) -> HttpResponse:
    shown = {
        "form": form,
        "filter": finding.filter,
        "finding": finding,
        "matches": finding.matches(ticked=ticked),
        "most_students": MOST_STUDENTS,
        "form_name": NEW,
        "most": capping.told(policies.policy_of(school_of(request))),
        "template_used": request.POST.get("template") or request.GET.get("template", ""),
    }
    return render(request, "packets/new.html", {**shown, **more}, status=422 if form.errors else 200)
