"""Pages of the core: jobs, their results, and operations."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import (
    breakers,
    counting,
    expecting,
    files,
    followers,
    glances,
    histories,
    lifecycle,
    limits_now,
    moving,
    notifying,
    putting_away,
    queries,
    roster,
    scanning,
)
from jobs.access import came_from, for_operations, person_of, school_of
from jobs.forms import JobFilter, ReasonForm
from jobs.language import Words
from jobs.models import Hold, Job, StoredFile
from jobs.paging import NewestPages
from jobs.refreshing import refreshed, refreshed_after
from jobs.registry import kind_named, kinds
from jobs.showing import actions_shown, standing_shown, what_stays

JOBS_A_PAGE = 25
View = Callable[..., HttpResponseBase]
CHANGES: dict[str, tuple[Callable[..., lifecycle.Effects], Words]] = {
    "stop": (lifecycle.stop, gettext_lazy("“{job}” was stopped. {stays}")),
    "pause": (
        lifecycle.pause,
        gettext_lazy("“{job}” is paused. Parts at work are finished; no other begins."),
    ),
    "resume": (lifecycle.resume, gettext_lazy("“{job}” goes on where it was.")),
    "retry": (lifecycle.retry, gettext_lazy("“{job}” is tried again.")),
}
PUTS_AWAY: dict[str, tuple[Callable[..., bool], Words, Words]] = {
    "away": (
        putting_away.put_away,
        gettext_lazy("“{job}” is put away for all of your school. It stays in the list of jobs."),
        gettext_lazy("“{job}” was put away already, or does not need attention any more."),
    ),
    "again": (
        putting_away.show_again,
        gettext_lazy("“{job}” is shown under what needs attention again."),
        gettext_lazy("“{job}” is not put away."),
    ),
}


@require_safe
def show_jobs(request: HttpRequest) -> HttpResponse:
    """List the jobs that the person may see, newest first."""
    person = person_of(request)
    chosen = JobFilter(request.GET, person=person)
    jobs = chosen.search.among(queries.listed_jobs(person, kind=request.GET.get("kind", "")))
    page = NewestPages(jobs, JOBS_A_PAGE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    counting.attach_units(listed)
    expecting.attach_expected(listed, now=timezone.now())
    return render(request, "jobs/list.html", {"filter": chosen, "page": page})


@require_safe
def show_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job: where it stands, what can be done with it, its results, its panel, its history."""
    job = _job(request, pk)
    notifying.read_of(job, person=person_of(request), now=timezone.now())
    shown = _standing(job)
    is_live = not shown["standing"].is_at_rest
    shown |= {
        **_results(request, job, shown),
        **_history(request, job, is_live=is_live),
        **actions_shown(job),
    }
    return render(request, "jobs/show.html", shown)


@require_POST
def change_job(request: HttpRequest, pk: int, change: str) -> HttpResponse:
    """Pause, resume, retry or stop a job."""
    job, (do, done) = _job(request, pk), CHANGES[change]
    try:
        effects = do(job, by=person_of(request), why=ReasonForm(request.POST).reason)
    except lifecycle.CannotChange as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, " ".join([done.format(job=job, stays=what_stays(job)), *effects]))
    return redirect(_back(request, job))


@require_POST
def put_away_job(request: HttpRequest, pk: int, change: str) -> HttpResponse:
    """Take a job that ended with problems off home for all of its school, or show it there again."""
    job = get_object_or_404(Job, pk=pk, school=school_of(request))
    do, done, not_done = PUTS_AWAY[change]
    if do(job, by=person_of(request), now=timezone.now()):
        messages.success(request, done.format(job=job))
    else:
        messages.info(request, not_done.format(job=job))
    return redirect(_back(request, job))


@require_POST
@for_operations
def move_job(request: HttpRequest, pk: int, change: str) -> HttpResponse:
    """Move a job back from the slow lane and keep it in its own, or let it be moved by itself again."""
    job, by, now = _job(request, pk), person_of(request), timezone.now()
    try:
        if change == "back":
            moving.move_back(job, by=by, why=ReasonForm(request.POST).reason, now=now)
        else:
            moving.let_move(job, by=by, now=now)
    except moving.CannotMove as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("“{job}” is in the lane {lane}.").format(job=job, lane=job.lane))
    return redirect("jobs:show", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def stop_job(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask whether the job shall be stopped, and why; the answer stops it."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return change_job(request, pk, "stop")
    job = _job(request, pk)
    if not job.can_be_stopped:
        return redirect(_back(request, job))
    behind = len(followers.that_would_end_with(job))
    shown = {**_standing(job), "form": form, "back": _back(request, job), "behind": behind}
    shown["what_stays"] = what_stays(job)
    return render(request, "jobs/stop.html", shown, status=422 if form.is_bound else 200)


def _glance(request: HttpRequest, pk: int) -> str:
    return glances.glance(pk, person=person_of(request), now=timezone.now())


@require_safe
@refreshed_after(_glance)
def show_standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh what says where the job stands; the buttons and the rest of the page follow its changes."""
    job = _job(request, pk, related=())
    shown = _standing(job)
    standing, seen = shown["standing"], request.GET
    shown["has_moved"] = seen.get("state", standing.phase) != standing.phase
    if shown["has_moved"]:
        shown |= actions_shown(job)
    response = render(request, "jobs/live.html", shown)
    if standing.is_at_rest:
        notifying.read_of(job, person=person_of(request), now=timezone.now())
    if shown["has_moved"] or standing.is_at_rest or seen.get("troubles") != str(standing.troubles):
        response["HX-Trigger"] = "job-changed"
    return response


@refreshed
@require_safe
def show_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the job page with the result files and the kind's panel."""
    job = _job(request, pk)
    return render(request, "jobs/results.html", _results(request, job, _standing(job)))


@refreshed
@require_safe
def show_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh the part of the job page that says what happened to it."""
    job = _job(request, pk)
    is_live = not counting.count([job])[job.pk].is_at_rest
    return render(request, "jobs/history.html", _history(request, job, is_live=is_live))


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out a file, always as a download, and to people of its school only: ops see jobs, not files."""
    person = person_of(request)
    found = StoredFile.objects.select_related("job")
    stored = get_object_or_404(found, pk=pk, school_id=person.school_id)
    files.note_download(stored, by=person)
    return as_download(stored)


def as_download(stored: StoredFile) -> FileResponse:
    """Return the file as a download that no browser opens by itself or keeps."""
    response = FileResponse(
        stored.content.open("rb"), as_attachment=True, filename=stored.name, content_type=stored.media_type
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@for_operations
def show_operations(request: HttpRequest) -> HttpResponse:
    """Show every lane against its promise, and what failed lately."""
    now = timezone.now()
    remarks = [*scanning.remarks(), *(remark for kind in kinds() for remark in kind.remarks(now=now))]
    return render(request, "jobs/operations.html", {**_lanes(), "remarks": remarks})


@require_safe
@for_operations
@refreshed
def show_lanes(request: HttpRequest) -> HttpResponse:
    """Refresh the lanes on the operations page."""
    return render(request, "jobs/lanes.html", _lanes())


def _job(request: HttpRequest, pk: int, *, related: tuple[str, ...] = ("school", "submitted_by")) -> Job:
    jobs = Job.objects.visible_to(request.user).select_related("detour", *related)
    return get_object_or_404(jobs, pk=pk)


def _back(request: HttpRequest, job: Job) -> str:
    return came_from(request, otherwise=reverse("jobs:show", args=[job.pk]))


def _standing(job: Job) -> dict[str, Any]:
    pages = {"page_address": "jobs:show", "refreshes_at": "jobs:standing"}
    return standing_shown(job, **{name: reverse(page, args=[job.pk]) for name, page in pages.items()})


def _history(request: HttpRequest, job: Job, *, is_live: bool) -> dict[str, Any]:
    pages = {"events_page": request.GET.get("events"), "parts_page": request.GET.get("parts")}
    history = histories.history_of(job, **pages)
    return {
        "job": job,
        "kind": kind_named(job.kind),
        "history": history,
        "is_live": is_live,
        "is_turned": any(pages.values()),
    }


def _results(request: HttpRequest, job: Job, shown: dict[str, Any]) -> dict[str, Any]:
    """Return what the standing in `shown` does not say; the kind's panel shows figures of that standing."""
    kind = kind_named(job.kind)
    panel = render_to_string(kind.panel_template, {**shown, **kind.panel(job)}, request)
    return {**shown, "files": job.files.order_by("id"), "panel": panel}


def _lanes() -> dict[str, Any]:
    now = timezone.now()
    holds = list(Hold.objects.select_related("by", "school"))
    lanes = queries.lanes_now(now=now, holds=holds)
    return {
        "lanes": lanes,
        "is_broker_silent": all(lane.doorbells is None for lane in lanes),
        "late": [lane for lane in lanes if lane.is_late],
        "short": [lane for lane in lanes if lane.is_short_of_workers],
        "aside": queries.jobs_aside(),
        "breakers": [each for each in breakers.troubled() if not scanning.guards(each)],
        "limits": limits_now.shared_limits(now=now),
        "watch": roster.watch_now(now=now),
        "holds": holds,
        "troubles": queries.recent_troubles(now=now),
        "failures": queries.recent_failures(now=now),
        "now": now,
    }
