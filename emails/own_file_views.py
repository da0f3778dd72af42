"""Pages of files of students' own: which there are and whose, handing them in, taking them away."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from emails import handing_in, matching, owning
from emails.models import Mailing
from emails.own_file_forms import DropForm, HandInForm
from emails.sending import AlreadySent
from emails.unpacking import CannotUnpack
from emails.views import mailing_of
from jobs.access import person_of

FILES_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def show_own_files(request: HttpRequest, pk: int) -> HttpResponse:
    """List the own files of a draft, and take more of them."""
    mailing = mailing_of(request, pk)
    if mailing.job_id is not None:
        return redirect("jobs:show", mailing.job_id)
    form = HandInForm(request.POST, request.FILES) if request.method == "POST" else HandInForm()
    if not form.is_valid():
        return _show(request, mailing, form=form)
    try:
        kept = handing_in.keep(mailing=mailing, uploaded=form.cleaned_data["chosen"], by=person_of(request))
    except CannotUnpack as error:
        form.add_error("chosen", str(error))
        return _show(request, mailing, form=form)
    except AlreadySent as error:
        messages.warning(request, str(error))
        return redirect("emails:preview", pk)
    messages.success(request, kept.told)
    return redirect("emails:own-files", pk)


@require_POST
def drop_own_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one file away from a draft, or all."""
    mailing, form = mailing_of(request, pk), DropForm(request.POST)
    if not form.is_valid():
        return redirect("emails:own-files", pk)
    file = form.cleaned_data["file"]
    try:
        dropped = handing_in.drop(mailing=mailing, ids=None if file is None else [file])
        says = ngettext("{dropped:,} file was taken away.", "{dropped:,} files were taken away.", dropped)
        messages.success(request, says.format(dropped=dropped))
    except AlreadySent as error:
        messages.warning(request, str(error))
    return redirect("emails:own-files", pk)


def _show(request: HttpRequest, mailing: Mailing, *, form: HandInForm) -> HttpResponse:
    rows = mailing.own_files.select_related("file").order_by("name")
    page = Paginator(rows, FILES_A_PAGE).get_page(request.GET.get("page"))
    unmatched = [own.name for own in page.object_list if own.student_id is None]
    shown = {
        "mailing": mailing,
        "form": form,
        "page": page,
        "files": owning.with_students(page.object_list, school=mailing.school),
        "several": matching.naming_several(unmatched, school=mailing.school),
    }
    return render(request, "emails/own_files.html", shown, status=422 if form.errors else 200)
