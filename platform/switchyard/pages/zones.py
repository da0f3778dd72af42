"""The page on which staff choose the time zone of their school."""

import structlog
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from jobs.access import person_of, school_of
from jobs.zones import choices

log = structlog.get_logger()


class ZoneField(forms.ChoiceField):
    """One of the choices, of which one is empty."""

    is_wanted = True


class ZoneForm(forms.Form):
    """The time zone of a school."""

    time_zone = ZoneField(
        label=gettext_lazy("Time zone"),
        required=False,
        choices=choices,
        help_text=gettext_lazy(
            "All times that your school sees and types are those of this zone, also the hours between "
            "which a mailing is sent."
        ),
        error_messages={"invalid_choice": gettext_lazy("Please choose one of the time zones.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_zone(request: HttpRequest) -> HttpResponse:
    """Show the time zone of the school, and keep another one."""
    school = school_of(request)
    form = ZoneForm(request.POST or None, initial={"time_zone": school.time_zone})
    if form.is_valid():
        if school.tell_time_in(form.cleaned_data["time_zone"]):
            log.info("time_zone_chosen", school=school.pk, person=person_of(request).pk)
        messages.success(
            request, gettext("The times of your school are those of {zone} now.").format(zone=school.zone)
        )
        return redirect("time-zone")
    return render(request, "pages/time_zone.html", {"form": form}, status=422 if form.is_bound else 200)
