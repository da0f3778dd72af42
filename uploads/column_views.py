"""The page on which a person says as what the columns of a file are read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from jobs.access import needs, person_of, school_of
from jobs.rights import Right
from uploads import choosing, queries
from uploads.column_forms import ColumnsForm
from uploads.datasets import DATASETS
from uploads.remembering import suggestion_for

TOO_LATE = _("This file is being imported or was imported, so its columns cannot be chosen any more.")


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the columns with their first values, and check the file with what was chosen for them."""
    school = school_of(request)
    upload = get_object_or_404(queries.uploads_of(person_of(request)), pk=pk)
    if not upload.can_be_changed:
        messages.info(request, TOO_LATE)
        return redirect("uploads:show", pk)
    dataset = DATASETS[upload.dataset]
    suggestion, kept = suggestion_for(upload.headings, dataset=dataset, school_id=school.pk)
    places = suggestion.places if upload.places is None else upload.places
    form = ColumnsForm(request.POST or None, suggestion=suggestion, samples=upload.samples, places=places)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["places"]
        by = person_of(request)
        if not choosing.choose_columns(upload=upload, places=chosen, by=by, now=timezone.now()):
            messages.info(request, TOO_LATE)
        return redirect("uploads:show", pk)
    shown = {"upload": upload, "dataset": dataset, "suggestion": suggestion, "kept": kept, "form": form}
    return render(request, "uploads/columns.html", shown, status=422 if request.method == "POST" else 200)
