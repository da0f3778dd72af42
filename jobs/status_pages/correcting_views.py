"""The page on which ops correct a text of the status page after it was told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jobs.access import for_operations, person_of
from jobs.models import Incident, IncidentUpdate
from jobs.status import correcting
from jobs.status.correcting import CorrectedMeanwhile
from jobs.status.naming import NamesSomebody
from jobs.status_pages.forms import CorrectionForm

WRONG = 422


@for_operations
@require_http_methods(["GET", "HEAD", "POST"])
def correct_text(request: HttpRequest, code: str, update: str = "") -> HttpResponse:
    """Ask what an update, or the title without one, should say, and put that in its place."""
    incident = get_object_or_404(Incident, code=code)
    told = get_object_or_404(IncidentUpdate, incident=incident, code=update) if update else None
    says = told.body if told else incident.title
    form = CorrectionForm(request.POST or None, text=says, is_title=told is None)
    if form.is_valid():
        try:
            correcting.correct(
                told or incident,
                **form.cleaned_data,
                by=person_of(request),
                now=timezone.now(),
                meant_otherwise=form.meant_otherwise,
            )
        except NamesSomebody as refusal:
            form.refuse(refusal)
        except CorrectedMeanwhile as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("It is corrected on the status page. What it said before only ops see.")
            )
            return redirect("incidents:show", code)
    shown = {"incident": incident, "told": told, "says": says, "form": form}
    return render(request, "jobs/incidents/correct.html", shown, status=WRONG if form.is_bound else 200)
