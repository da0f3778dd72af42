"""Home: what is under way, what needs attention, what ended lately, and where to start."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

import emails.queries
import uploads.queries
from jobs import queries, standings, typed
from jobs.access import person_of
from jobs.models import Person
from jobs.refreshing import refreshed
from jobs.status import attending

MOST_RUNNING = 10
"""The reason why a job waits costs a query or two, for each of them."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show home, and which forms the person has begun."""
    person = person_of(request)
    return render(request, "pages/home.html", {**_now(person), "begun": typed.begun_by(person)})


@refreshed
@require_safe
def show_now(request: HttpRequest) -> HttpResponse:
    """Refresh the lists on home."""
    return render(request, "pages/home_now.html", _now(person_of(request)))


def _now(person: Person) -> dict[str, Any]:
    now = timezone.now()
    running = queries.running_jobs(person, limit=MOST_RUNNING + 1)
    shown = running[:MOST_RUNNING]
    standings.attach_standings(shown, now=now)
    ended = queries.ended_of(person, now=now)
    above = {job.pk for job in shown}  # one may have ended a moment ago
    return {
        "running": shown,
        "are_more": len(running) > MOST_RUNNING,
        "concerns": [
            *attending.concerns_of(person, now=now),
            *emails.queries.concerns_of(person),
            *uploads.queries.concerns_of(person, now=now),
        ],
        "waits": emails.queries.waits_of(person),
        "troubles": [trouble for trouble in ended.troubles if trouble.job.pk not in above],
        "ended": [job for job in ended.others if job.pk not in above],
    }
