"""Pages of the uploads: the list, a new one, what its check found, its import; and the students."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.access import needs, person_of, school_of
from jobs.refreshing import refreshed
from jobs.rights import Right
from jobs.showing import actions_shown, standing_shown
from jobs.student_forms import StudentFilterForm
from uploads import fixing, queries, receiving
from uploads.datasets import DATASETS, STUDENTS, Dataset
from uploads.forms import ImportForm, UploadForm
from uploads.models import Upload, UploadState
from uploads.settings import pickup_settings

UPLOADS_A_PAGE = 25
STUDENTS_A_PAGE = 50
SAMPLE = Path(__file__).with_name("samples") / "students.csv"


@require_safe
def show_uploads(request: HttpRequest) -> HttpResponse:
    """List the uploads that the person may see, newest first."""
    uploads = queries.uploads_of(person_of(request))
    page = Paginator(uploads, UPLOADS_A_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "picks_up": pickup_settings().root is not None}
    return render(request, "uploads/list.html", shown)


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def upload_file(request: HttpRequest) -> HttpResponse:
    """Show the form of a new upload, and receive the file that it brings."""
    school = school_of(request)
    dataset = _dataset(request)
    by = person_of(request)
    form = UploadForm(request.POST or None, request.FILES or None, dataset=dataset, school=school, by=by)
    if request.method == "POST" and form.is_valid():
        upload = receiving.receive(**form.cleaned_data, school=school, by=by, is_asked=True)
        return redirect(
            "uploads:columns" if upload.state == UploadState.MAPPING else "uploads:show", upload.pk
        )
    context = {"form": form, "dataset": dataset, "datasets": DATASETS.values()}
    return render(request, "uploads/new.html", context, status=422 if request.method == "POST" else 200)


@require_safe
def show_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an upload: where its job stands, what the check found, what was imported."""
    return render(request, "uploads/show.html", _shown(request, pk))


@refreshed
@require_safe
def show_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the upload's page below the title, and its buttons when they change."""
    shown = _shown(request, pk)
    phase = shown["standing"].phase if "standing" in shown else ""
    shown["has_moved"] = request.GET.get("state", phase) != phase
    return render(request, "uploads/state.html", shown)


@require_POST
def import_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the import of an upload's good rows; a second click finds it begun."""
    from uploads import importing  # noqa: PLC0415  (see uploads.kinds)

    school_of(request)
    upload = _upload(request, pk)
    form = ImportForm(request.POST)
    with_others = form.is_valid() and form.cleaned_data["others"]
    if not importing.begin_import(upload=upload, by=person_of(request), with_others=with_others):
        messages.info(
            request, _("This upload is imported already, or no row of it was chosen for the import.")
        )
    return redirect("uploads:show", pk)


@require_POST
def undo_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the undoing of an import; a second click finds it begun."""
    from uploads import undoing  # noqa: PLC0415  (see uploads.kinds)

    school_of(request)
    if not undoing.begin_undo(upload=_upload(request, pk), by=person_of(request)):
        messages.info(request, _("This import cannot be undone, or its undoing has begun already."))
    return redirect("uploads:show", pk)


@require_safe
def download_template(request: HttpRequest) -> HttpResponse:
    """Hand out an empty file with the headings that we read."""
    dataset = _dataset(request)
    headings = ",".join(column.heading for column in dataset.columns)
    response = HttpResponse(f"{headings}\r\n", content_type="text/csv; charset=utf-8")
    name = _("{dataset} template.csv").format(dataset=dataset.label)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


@require_safe
def download_sample(_request: HttpRequest) -> FileResponse:
    """Hand out a file of made-up students, a few of them wrong, to try an upload with."""
    return FileResponse(SAMPLE.open("rb"), as_attachment=True, filename="students.csv")


@require_safe
def show_students(request: HttpRequest) -> HttpResponse:
    """List the school's students with their documents."""
    school = school_of(request)
    form = StudentFilterForm(request.GET, school_id=school.pk)
    students = queries.students_of(school, chosen=form.chosen)
    page = Paginator(students, STUDENTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "uploads/students.html", {"filter": form, "page": page})


def _shown(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return what the upload's page shows: of one in hand also where its job stands and what can be done."""
    upload = _upload(request, pk)
    job = upload.job
    if job is None or not upload.is_in_hand:
        return {"job": job, **_found(upload, request)}
    page_address = reverse("uploads:show", args=[pk])
    shown = standing_shown(job, page_address=page_address) | actions_shown(job, back=page_address)
    if shown["standing"].is_at_rest:
        upload = _upload(request, pk)  # what the job made of it before it ended
    # An import that broke off is begun anew by the page's own button.
    shown["can_be_retried"] &= upload.state == UploadState.CHECKING
    return {**shown, **_found(upload, request)}


def _found(upload: Upload, request: HttpRequest) -> dict[str, Any]:
    """Return the upload with what its check found."""
    person = person_of(request)
    return {
        "upload": upload,
        "dataset": DATASETS[upload.dataset],
        "problems": fixing.shown_problems(upload),
        "corrections": fixing.shown_corrections(upload),
        "can_correct": upload.can_be_changed and person.school_id is not None and person.may_work,
    }


def _dataset(request: HttpRequest) -> Dataset:
    """Return the dataset that the form or the address names; students without one."""
    name = request.POST.get("dataset") or request.GET.get("dataset")
    return DATASETS.get(name or "", STUDENTS)


def _upload(request: HttpRequest, pk: int) -> Upload:
    uploads = queries.with_same_files(queries.uploads_of(person_of(request)))
    upload: Upload = get_object_or_404(uploads, pk=pk)
    return upload
