"""Pages of the core: jobs, their results, and operations."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from jobs import queries, standings
from jobs.access import for_operations, person_of
from jobs.forms import JobFilter
from jobs.models import Job, StoredFile
from jobs.registry import kind_named

JOBS_A_PAGE = 25
View = Callable[..., HttpResponseBase]


@require_GET
def show_jobs(request: HttpRequest) -> HttpResponse:
    """List the jobs that the person may see, newest first."""
    person = person_of(request)
    chosen = JobFilter(request.GET, person=person)
    jobs = chosen.chosen(queries.listed_jobs(person, kind=request.GET.get("kind", "")))
    page = Paginator(jobs, JOBS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "jobs/list.html", {"filter": chosen, "page": page})


@require_GET
def show_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job: where it stands, its results, and its kind's panel."""
    job = _job(request, pk)
    return render(request, "jobs/show.html", {**_standing(job), **_results(request, job)})


@never_cache
@require_GET
def show_standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the job page that says where the job stands."""
    job = _job(request, pk)
    response = render(
        request, "jobs/standing.html", {**_standing(job), "state_before": request.GET.get("state")}
    )
    if job.has_ended:
        response["HX-Trigger"] = "job-ended"
    return response


@never_cache
@require_GET
def show_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the job page with the result files and the kind's panel."""
    return render(request, "jobs/results.html", _results(request, _job(request, pk)))


@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out a file, always as a download, and to people of its school only: ops see jobs, not files."""
    stored = get_object_or_404(StoredFile, pk=pk, school_id=person_of(request).school_id)
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
        "troubles": queries.recent_troubles(now=now),
        "failures": queries.recent_failures(now=now),
        "now": now,
    }
