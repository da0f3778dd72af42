"""Pages on which ops write for the status page: incidents, updates, maintenances, postmortems."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jobs.access import for_operations, person_of
from jobs.models import Incident, IncidentStatus
from jobs.status import announcing, postmortems
from jobs.status.announcing import CannotTell
from jobs.status.bodies import SECTIONS
from jobs.status.facts import titles_of
from jobs.status.naming import NamesSomebody
from jobs.status.postmortems import ChangedMeanwhile, StillToWrite
from jobs.status_pages.forms import IncidentForm, MaintenanceForm, PostmortemForm, PublicForm, UpdateForm

SHOWN = 50
WRONG = 422
SAVED, PUBLISHED, TAKEN_BACK = (
    gettext_lazy("Saved; only ops see it."),
    gettext_lazy("Published on the status page."),
    gettext_lazy("Taken back."),
)


@for_operations
@require_safe
def show_incidents(request: HttpRequest) -> HttpResponse:
    """List what is open, what is over, and which postmortems wait for somebody."""
    incidents = Incident.objects.select_related("postmortem")
    newest = list(incidents.exclude(ended_at=None)[:SHOWN])
    shown = {
        "open": incidents.filter(ended_at=None),  # all of them, however many newer ones are over
        "to_publish": [each for each in newest if _waits_for_somebody(each)],
        "over": [each for each in newest if not _waits_for_somebody(each)],
    }
    return render(request, "jobs/incidents/list.html", shown)


@for_operations
@require_http_methods(["GET", "HEAD", "POST"])
def open_incident(request: HttpRequest) -> HttpResponse:
    """Ask what is wrong, and open an incident."""
    form = IncidentForm(request.POST or None)
    if form.is_valid():
        try:
            opened = announcing.open_by_hand(**form.cleaned_data, **_writer(request, form))
        except NamesSomebody as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The incident is on the status page."))
            return redirect("incidents:show", opened.code)
    return _ask(request, "open", form)


@for_operations
@require_http_methods(["GET", "HEAD", "POST"])
def plan_maintenance(request: HttpRequest) -> HttpResponse:
    """Ask what is planned when, and announce it."""
    form = MaintenanceForm(request.POST or None)
    if form.is_valid():
        try:
            planned = announcing.plan(**form.cleaned_data, **_writer(request, form))
        except NamesSomebody as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The maintenance is announced on the status page."))
            return redirect("incidents:show", planned.code)
    return _ask(request, "plan", form)


@for_operations
@require_http_methods(["GET", "HEAD", "POST"])
def show_incident(request: HttpRequest, code: str) -> HttpResponse:
    """Show an incident with all that was told, and tell more."""
    incident = get_object_or_404(Incident.objects.select_related("postmortem", "opened_by"), code=code)
    form = None if incident.is_over else UpdateForm(request.POST or None, incident=incident)
    if form is not None and form.is_valid():
        try:
            announcing.add_update(incident, **form.cleaned_data, **_writer(request, form))
        except NamesSomebody as refusal:
            form.refuse(refusal)
        except CannotTell as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The update is on the status page."))
            return redirect("incidents:show", code)
    shown = {
        "incident": incident,
        "concerned": titles_of(incident.components),
        "updates": list(incident.updates.select_related("by")),
        "corrections": list(incident.corrections.select_related("by")),
        "written": getattr(incident, "postmortem", None),
        "form": form,
    }
    return render(request, "jobs/incidents/show.html", shown, status=_status(form))


@for_operations
@require_http_methods(["GET", "HEAD", "POST"])
def edit_postmortem(request: HttpRequest, code: str) -> HttpResponse:
    """Edit what is told of an incident that is over; publish it, or take it back."""
    incident = get_object_or_404(Incident.objects.select_related("postmortem"), code=code)
    written = getattr(incident, "postmortem", None)
    form = PostmortemForm(request.POST or None, written=written)
    publish = "publish" in request.POST or "insist" in request.POST
    if form.is_valid():
        try:
            postmortems.save(
                incident,
                texts=form.texts(),
                seen=form.cleaned_data["seen"],
                publish=publish,
                **_writer(request, form),
            )
        except ChangedMeanwhile as change:
            form.catch_up(change)
        except StillToWrite as refusal:
            form.add_error(postmortems.NEXT_STEPS, str(refusal))
        except NamesSomebody as refusal:
            form.refuse(refusal)
        else:
            was_public = written is not None and written.published_at is not None
            messages.success(request, PUBLISHED if publish else TAKEN_BACK if was_public else SAVED)
            return redirect("incidents:show", code)
    shown: dict[str, Any] = {"incident": incident, "written": written, "form": form, "sections": SECTIONS}
    return render(request, "jobs/incidents/postmortem.html", shown, status=_status(form))


def _writer(request: HttpRequest, form: PublicForm) -> dict[str, Any]:
    """Return who writes when, and what looks like a name in it and is none."""
    return {
        "by": person_of(request),
        "now": timezone.now(),
        "meant_otherwise": form.meant_otherwise,
    }


def _ask(request: HttpRequest, page: str, form: forms.Form) -> HttpResponse:
    return render(request, f"jobs/incidents/{page}.html", {"form": form}, status=_status(form))


def _status(form: forms.Form | None) -> int:
    return WRONG if form is not None and form.is_bound else 200


def _waits_for_somebody(incident: Incident) -> bool:
    written = getattr(incident, "postmortem", None)
    return incident.status == IncidentStatus.RESOLVED and written is not None and written.published_at is None
