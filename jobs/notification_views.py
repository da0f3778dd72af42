"""Pages of what a person is told: the list, going to what it is about, and when mails are sent."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jobs import counting, notifying
from jobs.access import person_of
from jobs.forms import MailsForm
from jobs.models import Notification, Person

NOTIFICATIONS_A_PAGE = 25


@require_safe
def show_notifications(request: HttpRequest) -> HttpResponse:
    """List what the person was told, newest first."""
    return _show(request, MailsForm(initial={"mails": person_of(request).mails}))


@require_safe
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a notification is about; from then on it was read."""
    person = person_of(request)
    found = get_object_or_404(Notification, pk=pk, person=person)
    notifying.read(person, only=Notification.objects.filter(pk=pk), now=timezone.now())
    return redirect(found.page)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that the person has read everything."""
    notifying.read(person_of(request), now=timezone.now())
    messages.success(request, _("All notifications are marked as read."))
    return redirect("jobs:notifications")


@require_POST
def choose_mails(request: HttpRequest) -> HttpResponse:
    """Keep when the person is mailed."""
    form = MailsForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    Person.objects.filter(pk=person_of(request).pk).update(mails=form.cleaned_data["mails"])
    messages.success(request, _("Your choice is kept. It holds for jobs that end from now on."))
    return redirect("jobs:notifications")


def _show(request: HttpRequest, form: MailsForm, *, status: int = 200) -> HttpResponse:
    person = person_of(request)
    told = Notification.objects.filter(person=person).select_related("job__school")
    page = Paginator(told, NOTIFICATIONS_A_PAGE).get_page(request.GET.get("page"))
    counting.attach_units([each.job for each in page.object_list if each.job])
    return render(request, "jobs/notifications.html", {"page": page, "form": form}, status=status)
