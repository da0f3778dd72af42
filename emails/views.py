"""Pages of the mailings: the list, writing, the preview, sending."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emails import attaching, drafting, merging, previewing, queries, reaching, reviving, sending
from emails.forms import MailingForm, RecipientFilterForm, ResendForm
from emails.models import Mailing
from emails.preview_forms import ChooseForm, TestForm
from jobs import counting, typed
from jobs.access import needs, person_of, school_of
from jobs.models import TypedForm
from jobs.rights import Right

MAILINGS_A_PAGE = 25
NEW = "mailing"
"""As what the form of a new mailing is kept while somebody types."""
OF_A_MAIL = (
    "sandbox allow-same-origin; default-src 'none'; img-src https: http:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)
"""The policy of a page that is somebody's HTML: it may be looked at, and load pictures.

Of our own origin, so that the page around it can measure it; nothing in it can run."""


@require_safe
def show_mailings(request: HttpRequest) -> HttpResponse:
    """List the mailings that the person may see, newest first."""
    mailings = queries.mailings_of(person_of(request))
    page = Paginator(mailings, MAILINGS_A_PAGE).get_page(request.GET.get("page"))
    counting.attach_units([mailing.job for mailing in page.object_list if mailing.job])
    return render(request, "emails/list.html", {"page": page})


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def write_mailing(request: HttpRequest) -> HttpResponse:
    """Show the form of a new mailing, and keep what it brings as a draft."""
    school, by, before = school_of(request), person_of(request), _typed(request, NEW)
    form = MailingForm(*_brought(request), school=school, by=by, initial=MailingForm.typed_so_far(before))
    return _write(request, form, name=NEW, before=before)


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def change_mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a draft, and keep its changes."""
    mailing = mailing_of(request, pk)
    if mailing.job_id is not None:
        return redirect("jobs:show", mailing.job_id)
    before = _typed(request, name := f"mailing-{pk}")
    school, by, typed_so_far = mailing.school, person_of(request), MailingForm.typed_so_far(before)
    form = MailingForm(*_brought(request), instance=mailing, school=school, by=by, initial=typed_so_far)
    return _write(request, form, name=name, before=before)


@require_POST
def count_recipients(request: HttpRequest) -> HttpResponse:
    """Refresh the number of students who would get the mailing; a POST keeps names out of access logs."""
    form = RecipientFilterForm(request.POST, school=school_of(request))
    reach = reaching.reach_of(form.instance) if form.is_valid() else None
    return render(request, "emails/count.html", {"reach": reach})


@require_safe
def show_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft as its recipients would read it; a sent mailing's page is its job's."""
    mailing = mailing_of(request, pk)
    if mailing.job_id is not None:
        return redirect("jobs:show", mailing.job_id)
    form = ChooseForm(request.GET)
    preview = previewing.preview_of(mailing, number=form.number)
    shown = {"mailing": mailing, "preview": preview, "test_key": uuid4().hex, "choose": form}
    return render(request, "emails/preview.html", shown)


@require_POST
def find_recipient(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the mail of the next recipient that is like what was typed; a POST, as `count_recipients`."""
    mailing, form = mailing_of(request, pk), ChooseForm(request.POST)
    number = previewing.number_of(mailing, search=form.search_words, after=form.number)
    if number is None:
        messages.warning(
            request,
            _("No recipient of this mailing is like “{search_words}”.").format(
                search_words=form.search_words
            ),
        )
    address = reverse("emails:preview", args=(mailing.pk,))
    return redirect(f"{address}?mail={number or form.number}#mail")


@xframe_options_sameorigin
@require_safe
def show_html(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mail as readers of HTML show it, in a frame that can do nothing."""
    sample = previewing.mail_of(mailing_of(request, pk), number=ChooseForm(request.GET).number)
    response = HttpResponse(sample.html if sample else "")
    response["Content-Security-Policy"] = OF_A_MAIL
    return response


@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one mail of the mailing to the person who asks, as the student gets it who is shown."""
    mailing, form, person = mailing_of(request, pk), TestForm(request.POST), person_of(request)
    if form.is_valid():
        sending.send_test(mailing=mailing, by=person, **form.cleaned_data)
        messages.success(request, _("A test mail is on its way to {email}.").format(email=person.email))
    else:
        messages.warning(
            request, _("The test mail was not sent, because the page was out of date. Please try again.")
        )
    return redirect(f"{reverse('emails:preview', args=(mailing.pk,))}?mail={ChooseForm(request.POST).number}")


@needs(Right.SEND)
@require_POST
def decide_on_uncertain(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep whether a retry sends again to recipients of whom nobody knows whether the mail arrived."""
    sent = Mailing.objects.visible_to(request.user).filter(job__isnull=False).select_related("job")
    mailing = get_object_or_404(sent, pk=pk)
    form = ResendForm(request.POST)
    if form.is_valid():
        reviving.decide(mailing=mailing, by=person_of(request), **form.cleaned_data)
        messages.success(request, _("Your choice is kept. It holds for the next “Try again”."))
    return redirect("jobs:show", mailing.job_id)


@require_POST
def discard_mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    mailing = mailing_of(request, pk)
    try:
        drafting.discard_draft(mailing=mailing)
    except sending.AlreadySent as error:
        messages.warning(request, str(error))
        return redirect("emails:preview", pk)
    messages.success(request, _("The draft “{mailing}” was thrown away.").format(mailing=mailing))
    return redirect("emails:list")


def _brought(
    request: HttpRequest,
) -> tuple[QueryDict | None, "MultiValueDict[str, UploadedFile[bytes]] | None"]:
    """Return what a form was sent with; an empty POST is sent too, and lacks what is required."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _typed(request: HttpRequest, name: str) -> TypedForm | None:
    """Return what the person typed into the form and left; nothing where it is sent."""
    return typed.typed_into(name, person=person_of(request)) if request.method != "POST" else None


def _write(request: HttpRequest, form: MailingForm, *, name: str, before: TypedForm | None) -> HttpResponse:
    shown = {"form_name": name, "typed": before}
    if request.method != "POST":
        return _show_form(request, form, status=200, **shown)
    is_valid, person = form.is_valid(), person_of(request)
    kept = form.cleaned_data.get("kept", [])
    stored = attaching.store_files(form.fine_files, school=form.instance.school, by=person, beside=kept)
    for said in stored.repeated:
        messages.warning(request, said)
    if not is_valid:
        form.offer_again(stored.files)
        return _show_form(request, form, status=422, **shown)
    try:
        mailing = drafting.keep_draft(mailing=form.instance, by=person, attached=[*kept, *stored.files])
    except sending.AlreadySent as error:
        messages.warning(request, str(error))
        return redirect("emails:preview", form.instance.pk)
    typed.forget(name, person=person)
    return redirect("emails:preview", mailing.pk)


def _show_form(request: HttpRequest, form: MailingForm, *, status: int, **more: Any) -> HttpResponse:
    examples = merging.examples(school_name=form.instance.school.name)
    shown = {
        "form": form,
        "examples": examples,
        "with_default": merging.WITH_DEFAULT,
        "with_choice": merging.WITH_CHOICE,
        **more,
    }
    return render(request, "emails/form.html", shown, status=status)


def mailing_of(request: HttpRequest, pk: int) -> Mailing:
    """Return a mailing of the person's school. Ops see every school's jobs, but write for none."""
    school_of(request)
    visible = Mailing.objects.visible_to(request.user).select_related("school", "created_by")
    mailing: Mailing = get_object_or_404(visible, pk=pk)
    return mailing
