"""Pages by which staff share a packet, take links back, delete its files, and see who got it."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jobs.access import needs, person_of, school_of
from jobs.amounts import count
from jobs.directory import directory
from jobs.models import School
from jobs.rights import Right
from packets import disclosing, expiring, mailing, recording, releasing, sharing
from packets.models import Disclosure, Packet, Share
from packets.policies import notice_of
from packets.share_forms import LINK, MAIL_FILE, ShareForm

ROWS_A_PAGE = 50
BEING_REPLACED = gettext_lazy(
    "It was not shared: “{packet}” is to be built again. Share it once that is done; until then the links "
    "that were made before rest."
)
TAKEN_BACK = gettext_lazy(
    "It was not shared: {count} took the release of documents in this packet back, or it is needed since. "
    "Build it again first; until then the links that were made before rest."
)


@needs(Right.SEND)
@require_http_methods(["GET", "HEAD", "POST"])
def share_packet(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask with whom, how and for how long a packet is shared, and do it."""
    packet, now = _packet(request, pk), timezone.now()
    if not expiring.is_there(packet, now=now):
        messages.warning(request, _("“{packet}” has no file now that could be shared.").format(packet=packet))
        return redirect("jobs:show", packet.job_id)
    if not packet.is_built:
        messages.warning(request, BEING_REPLACED.format(packet=packet))
        return redirect("jobs:show", packet.job_id)
    if students := releasing.taken_back(packet):
        messages.warning(request, TAKEN_BACK.format(count=count(students, "student")))
        return redirect("jobs:show", packet.job_id)
    form = ShareForm(request.POST if request.method == "POST" else None, packet=packet, now=now)
    if form.is_valid():
        return _share(request, packet, form)
    shown = {"packet": packet, "form": form, "notice": notice_of(packet)}
    return render(request, "packets/share.html", shown, status=422 if form.is_bound else 200)


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a link shall work no more, and end it."""
    shares = Share.objects.select_related("packet").filter(school=school_of(request))
    share = get_object_or_404(shares, pk=pk)
    if request.method == "POST":
        share.revoke(by=person_of(request), now=timezone.now())
        messages.success(
            request, _("The link of {recipient} does not work any more.").format(recipient=share.name)
        )
        return redirect("jobs:show", share.packet.job_id)
    return render(request, "packets/revoke.html", {"share": share, "packet": share.packet})


@needs(Right.SEND)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether the files of a packet shall be deleted now, and delete them."""
    packet = _packet(request, pk)
    if request.method == "POST":
        if expiring.purge(packet, now=timezone.now()):
            messages.success(
                request,
                _("The files of “{packet}” are deleted; links to them do not work any more.").format(
                    packet=packet
                ),
            )
        return redirect("jobs:show", packet.job_id)
    return render(request, "packets/delete_files.html", {"packet": packet})


@require_safe
def show_record(request: HttpRequest) -> HttpResponse:
    """List who got packets of the school, newest first."""
    rows = recording.recorded(school_of(request))
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "packets/record.html", {"page": page})


@require_safe
def download_record(request: HttpRequest, pk: int | None = None) -> StreamingHttpResponse:
    """Hand out the record of one packet, or of all of the school, as a CSV file."""
    school = school_of(request)
    packet = _packet(request, pk) if pk else None
    name = f"packet-{packet.pk}-record.csv" if packet else "packets-record.csv"
    return _csv(recording.recorded(school, packet=packet), name, school)


@require_safe
def download_student_record(request: HttpRequest, student_id: int) -> StreamingHttpResponse:
    """Hand out as a CSV file who got documents of one student."""
    school = school_of(request)
    if not directory().students_by_id(school_id=school.pk, ids=[student_id]):
        raise Http404
    return _csv(disclosing.disclosed(school, student_id), f"student-{student_id}-record.csv", school)


def _csv(rows: QuerySet[Disclosure], name: str, school: School) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        recording.csv_lines(rows, school=school),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _share(request: HttpRequest, packet: Packet, form: ShareForm) -> HttpResponse:
    given, by, now = form.cleaned_data, person_of(request), timezone.now()
    terms = sharing.Terms(
        form_key=form.key,
        expires_at=now + timedelta(days=given["days"]),
        password=given["password"],
    )
    recipients = given["recipients"]
    if given["way"] == LINK:
        made = sharing.make_links(packet, recipients, terms=terms, by=by, now=now)
        messages.success(request, _("{links} made: copy them below.").format(links=count(len(made), "link")))
        return redirect("jobs:show", packet.job_id)
    job = mailing.mail_packet(
        packet,
        recipients,
        terms=terms,
        attaches=given["way"] == MAIL_FILE,
        message=given["message"],
        by=by,
        now=now,
    )
    return redirect("jobs:show", job.pk)


def _packet(request: HttpRequest, pk: int) -> Packet:
    packets = Packet.objects.select_related("school", "result", "job").filter(school=school_of(request))
    return get_object_or_404(packets, pk=pk)
