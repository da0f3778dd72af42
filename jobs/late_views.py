"""The page of late jobs: which, why, since when, until when, and what to press."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.access import for_operations
from jobs.late import late_jobs
from jobs.refreshing import refreshed

MOST = 20


@require_safe
@for_operations
def show_late(request: HttpRequest) -> HttpResponse:
    """Show the jobs that are late."""
    return render(request, "jobs/late.html", _late())


@require_safe
@for_operations
@refreshed
def show_late_now(request: HttpRequest) -> HttpResponse:
    """Refresh them."""
    return render(request, "jobs/late_now.html", _late())


def _late() -> dict[str, Any]:
    late = late_jobs(now=timezone.now(), limit=MOST + 1)
    return {"late": late[:MOST], "are_more": len(late) > MOST}
