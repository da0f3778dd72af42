"""The page on which staff choose the time zone of their school."""

from collections import defaultdict
from zoneinfo import available_timezones

import structlog
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jobs.access import person_of, school_of

log = structlog.get_logger()

NO_PLACES = frozenset({"Etc", "SystemV"})
"""First words of names under which there are no places."""


def choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return the time zones to choose from, by region; an empty name first, for that of the platform."""
    regions: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(available_timezones()):
        region, _, place = name.partition("/")
        if place and region not in NO_PLACES:
            regions[region].append((name, place.replace("_", " ")))
    usual = f"That of the platform: {timezone.get_default_timezone_name()}"
    return [("", usual), *regions.items()]


class ZoneField(forms.ChoiceField):
    """One of the choices, of which one is empty."""

    is_wanted = True


class ZoneForm(forms.Form):
    """The time zone of a school."""

    time_zone = ZoneField(
        label="Time zone",
        required=False,
        choices=choices,
        help_text="All times that your school sees and types are those of this zone, also the hours between "
        "which a mailing is sent.",
        error_messages={"invalid_choice": "Please choose one of the time zones."},
    )


@require_http_methods(["GET", "POST"])
def change_zone(request: HttpRequest) -> HttpResponse:
    """Show the time zone of the school, and keep another one."""
    school = school_of(request)
    form = ZoneForm(request.POST or None, initial={"time_zone": school.time_zone})
    if form.is_valid():
        if school.tell_time_in(form.cleaned_data["time_zone"]):
            log.info("time_zone_chosen", school=school.pk, person=person_of(request).pk)
        messages.success(request, f"The times of your school are those of {school.zone} now.")
        return redirect("time-zone")
    return render(request, "pages/time_zone.html", {"form": form}, status=422 if form.is_bound else 200)
