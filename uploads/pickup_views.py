"""The page that says what is done with files in a school's folders."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jobs.access import needs, person_of, school_of
from jobs.rights import Right
from uploads import pickups
from uploads.pickup_folders import DONE, FAILED
from uploads.pickup_forms import PickupsForm
from uploads.settings import pickup_settings


@needs(Right.PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def set_pickups(request: HttpRequest) -> HttpResponse:
    """Show what is done with files of each dataset, and change it."""
    school = school_of(request)
    form = PickupsForm(request.POST or None, modes=pickups.modes_of(school))
    if request.method == "POST" and form.is_valid():
        pickups.set_modes(school, modes=form.cleaned_data, by=person_of(request))
        messages.success(request, _("What is done with files in your folders is saved."))
        return redirect("uploads:pickup")
    settings = pickup_settings()
    shown = {"form": form, "school": school, "settings": settings, "done": DONE, "failed": FAILED}
    return render(request, "uploads/pickup.html", shown, status=422 if request.method == "POST" else 200)
