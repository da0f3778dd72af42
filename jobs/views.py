"""Pages of the core: jobs, their results, and operations."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs import breakers, histories, lifecycle, queries, reviving, standings
from jobs.access import for_operations, person_of
from jobs.forms import JobFilter, ReasonForm
from jobs.models import Job, StoredFile
from jobs.registry import kind_named

JOBS_A_PAGE = 25
View = Callable[..., HttpResponseBase]
CHANGES: dict[str, tuple[Callable[..., None], str]] = {
    "stop": (lifecycle.stop, "“{job}” was stopped. What was done until then stays done."),
    "pause": (lifecycle.pause, "“{job}” is paused. Parts at work are finished; no other begins."),
    "resume": (lifecycle.resume, "“{job}” goes on where it was."),
    "retry": (lifecycle.retry, "“{job}” is tried again."),
}


@require_GET
def show_jobs(request: HttpRequest) -> HttpResponse:
    """List the jobs that the person may see, newest first."""
    person = person_of(request)
    chosen = JobFilter(request.GET, person=person)
    jobs = chosen.search.among(queries.listed_jobs(person, kind=request.GET.get("kind", "")))
    page = Paginator(jobs, JOBS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "jobs/list.html", {"filter": chosen, "page": page})


@require_GET
def show_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job: where it stands, what can be done with it, its results, its panel, its history."""
    job = _job(request, pk)
    shown = {**_standing(job), **_actions(job), **_results(request, job), **_history(request, job)}
    return render(request, "jobs/show.html", shown)


@require_POST
def change_job(request: HttpRequest, pk: int, change: str) -> HttpResponse:
    """Pause, resume, retry or stop a job."""
    job, (do, done) = _job(request, pk), CHANGES[change]
    try:
        do(job, by=person_of(request), why=ReasonForm(request.POST).reason)
    except lifecycle.CannotChange as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, done.format(job=job))
    return redirect("jobs:show", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def stop_job(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask whether the job shall be stopped, and why; the answer stops it."""
    if request.method == "POST":
        return change_job(request, pk, "stop")
    job = _job(request, pk)
    if not job.can_be_stopped:
        return redirect("jobs:show", pk)
    return render(request, "jobs/stop.html", {**_standing(job), "form": ReasonForm()})


@never_cache
@require_GET
def show_standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the job page that says where the job stands."""
    job, before = _job(request, pk), request.GET.get("state")
    shown = {**_standing(job), "state_before": before}
    if before and before != job.state:
        shown.update(_actions(job))
    response = render(request, "jobs/standing.html", shown)
    if job.has_ended:
        response["HX-Trigger"] = "job-ended"
    return response


@never_cache
@require_GET
def show_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the job page with the result files and the kind's panel."""
    return render(request, "jobs/results.html", _results(request, _job(request, pk)))


@never_cache
@require_GET
def show_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the job page that says what happened to it."""
    return render(request, "jobs/history.html", _history(request, _job(request, pk)))


@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out a file, always as a download, and to people of its school only: ops see jobs, not files."""
    return as_download(get_object_or_404(StoredFile, pk=pk, school_id=person_of(request).school_id))


def as_download(stored: StoredFile) -> FileResponse:
    """Return the file as a download that no browser opens by itself or keeps."""
    response = FileResponse(
        stored.content.open("rb"), as_attachment=True, filename=stored.name, content_type=stored.media_type
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@for_operations
def show_operations(request: HttpRequest) -> HttpResponse:
    """Show every lane against its promise, and what failed lately."""
    return render(request, "jobs/operations.html", _lanes())


@never_cache
@require_GET
@for_operations
def show_lanes(request: HttpRequest) -> HttpResponse:
    """Refresh the lanes on the operations page."""
    return render(request, "jobs/lanes.html", _lanes())


def _job(request: HttpRequest, pk: int) -> Job:
    jobs = Job.objects.visible_to(request.user).select_related("school", "submitted_by")
    return get_object_or_404(jobs, pk=pk)


def _standing(job: Job) -> dict[str, Any]:
    now = timezone.now()
    return {"job": job, "kind": kind_named(job.kind), "standing": standings.standing_of(job, now=now)}


def _actions(job: Job) -> dict[str, Any]:
    return {"can_be_retried": reviving.can_be_retried(job)}


def _history(request: HttpRequest, job: Job) -> dict[str, Any]:
    pages = {"events_page": request.GET.get("events"), "parts_page": request.GET.get("parts")}
    history = histories.history_of(job, **pages)
    return {"job": job, "kind": kind_named(job.kind), "history": history, "is_turned": any(pages.values())}


def _results(request: HttpRequest, job: Job) -> dict[str, Any]:
    kind = kind_named(job.kind)
    panel = render_to_string(kind.panel_template, dict(kind.panel(job)), request)
    return {"job": job, "files": job.files.order_by("id"), "panel": panel}


def _lanes() -> dict[str, Any]:
    now = timezone.now()
    lanes = queries.lanes_now(now=now)
    return {
        "lanes": lanes,
        "late": [lane for lane in lanes if lane.is_late],
        "short": [lane for lane in lanes if lane.is_short_of_workers],
        "breakers": breakers.troubled(),
        "troubles": queries.recent_troubles(now=now),
        "failures": queries.recent_failures(now=now),
        "now": now,
    }
