"""The pages of schools: the list, a new one, one school with what concerns it."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jobs import versions
from jobs.access import for_operations
from jobs.meanwhile import Meanwhile
from jobs.models import School
from jobs.models.people import PLATFORM
from jobs.settings_pages.saving import Editing, edit
from jobs.settings_pages.schools import (
    NewSchoolForm,
    SchoolForm,
    lanes_with_own_limits,
    listed,
    open_jobs_of,
)
from jobs.settings_pages.sharing import meanwhile_of

SCHOOLS_A_PAGE = 50


@never_cache
@require_safe
@for_operations
def show_schools(request: HttpRequest) -> HttpResponse:
    """List the schools, or those whose names have the words that were typed."""
    words = request.GET.get("words", "").strip()
    found = School.objects.exclude(slug=PLATFORM).filter(
        Q(name__icontains=words) | Q(slug__icontains=words) if words else Q()
    )
    page = Paginator(found, SCHOOLS_A_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "schools": listed(list(page)), "words": words}
    return render(request, "jobs/settings/schools.html", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def add_school(request: HttpRequest) -> HttpResponse:
    """Ask what a new school is called, and add it."""
    editing = Editing(
        template="jobs/settings/school_new.html",
        form=NewSchoolForm(request.POST or None),
        meanwhile=Meanwhile(),
        back=reverse("jobs:settings-schools"),
    )
    return edit(request, editing)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def change_school(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one school with what concerns it, and change it."""
    school = get_object_or_404(School, slug=slug)
    meanwhile = meanwhile_of(request)
    form = SchoolForm(request.POST or None, school=school, meanwhile=meanwhile)
    context = {
        "school": school,
        "rows": form.rows(versions.origins()),
        "counts": listed([school])[0],
        "open_jobs": open_jobs_of(school),
        "own_limits": lanes_with_own_limits(school, versions.settings_in_force()),
    }
    editing = Editing(
        template="jobs/settings/school.html",
        form=form,
        meanwhile=meanwhile,
        back=request.path,
        context=context,
    )
    return edit(request, editing)
