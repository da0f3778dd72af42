"""Keeping what is typed into forms, asked for by the pages themselves, and beginning anew."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jobs import typed
from jobs.access import came_from, needs, person_of, school_of
from jobs.rights import Right


@needs(Right.WORK)
@never_cache
@require_POST
def keep(request: HttpRequest, form: str) -> HttpResponse:
    """Keep what was typed so far, and say when."""
    now = timezone.now()
    is_kept = typed.keep(
        request.POST, form=form, person=person_of(request), school=school_of(request), now=now
    )
    return render(request, "jobs/typed_at.html", {"now": now, "is_kept": is_kept})


@needs(Right.WORK)
@require_POST
def forget(request: HttpRequest, form: str) -> HttpResponse:
    """Begin anew."""
    typed.forget(form, person=person_of(request))
    return redirect(came_from(request, otherwise=reverse("home")))
