"""Pages of a school's suppression list: who is on it, adding, removing, erasing an address."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from emails import queries, suppressing
from emails.models import Suppression
from emails.suppression_forms import AddForm, FindForm, RemoveForm
from jobs.access import person_of, school_of

ENTRIES_A_PAGE = 50


@require_safe
def show_suppressions(request: HttpRequest) -> HttpResponse:
    """List the school's suppressed addresses, newest first."""
    school, form = school_of(request), FindForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {"search": "", "removed": False}
    entries = queries.suppressions_of(school, **chosen)
    page = Paginator(entries, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "emails/suppressions.html", {"page": page, "form": form, **chosen})


@require_http_methods(["GET", "HEAD", "POST"])
def add_suppressions(request: HttpRequest) -> HttpResponse:
    """Ask for addresses, and put them on the list."""
    school, form = school_of(request), AddForm(request.POST or None)
    if form.is_valid():
        chosen = form.chosen()
        added = suppressing.suppress(school=school, by=person_of(request), now=timezone.now(), **chosen)
        messages.success(request, suppressing.told(added=added, given=len(chosen["addresses"])))
        return redirect("emails:suppressions")
    return render(
        request, "emails/suppressions_add.html", {"form": form}, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove_suppression(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why an address gets mailings again, and take it off the list."""
    entry, form = _entry(request, pk), RemoveForm(request.POST or None)
    if form.is_valid():
        entry.remove(by=person_of(request), now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("{shown} gets your school's mailings again.").format(shown=entry.shown))
        return redirect("emails:suppressions")
    shown = {"form": form, "entry": entry}
    return render(request, "emails/suppression_remove.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def forget_suppression(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether an address shall be erased, and keep its hash alone."""
    entry = _entry(request, pk)
    if request.method == "POST" and entry.address:
        suppressing.forget(school=entry.school, address=entry.address)
        messages.success(request, _("The address was erased. It still gets no mailings."))
        return redirect("emails:suppressions")
    return render(request, "emails/suppression_forget.html", {"entry": entry})


def _entry(request: HttpRequest, pk: int) -> Suppression:
    listed = Suppression.objects.filter(school=school_of(request), removed_at=None).select_related("school")
    entry: Suppression = get_object_or_404(listed, pk=pk)
    return entry
