"""What comes back from the wrong cells of an upload's page, and the page of cells that two typed into."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jobs.access import needs, person_of, school_of
from jobs.rights import Right
from uploads import fixing, queries
from uploads.correcting import correct_cells as correct

NOTHING_TYPED = _("No cell was changed, so there is nothing to check again.")


@needs(Right.WORK)
@require_POST
def correct_cells(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was typed and check the file again; show what could not be kept, so that it is not lost."""
    school_of(request)
    upload = get_object_or_404(queries.uploads_of(person_of(request)), pk=pk)
    typed = list(fixing.typed_cells(request.POST, upload=upload))
    done = correct(upload=upload, typed=typed, by=person_of(request), now=timezone.now())
    new = [each for each in typed if each.is_new]
    if done.clashes or (done.is_too_late and new):
        shown = {"upload": upload, "done": done, "lost": fixing.with_headings(new, upload=upload)}
        return render(request, "uploads/clashes.html", shown, status=HTTPStatus.CONFLICT)
    if not done.saved:
        messages.info(request, NOTHING_TYPED)
    return redirect("uploads:show", pk)
