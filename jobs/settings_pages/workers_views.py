"""The page of workers: how many each lane is to have and has, and setting the number by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jobs import processes, roster, staffing
from jobs.access import for_operations, person_of
from jobs.amounts import count
from jobs.models import HandScale
from jobs.settings import switchyard
from jobs.settings_pages.workers import WorkersForm

SHOWN = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def show_workers(request: HttpRequest) -> HttpResponse:
    """Show the lanes' workers; set a number by hand."""
    form = WorkersForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _scaled(request, form):
        return redirect("jobs:workers")
    now = timezone.now()
    watch = roster.watch_now(now=now)
    shown = {
        "form": form,
        "lanes": staffing.staffed(switchyard().lanes, now=now),
        "watch": watch,
        "processes": processes.known(watch, now=now),
        "replaced": processes.replaced(),
        "now": now,
        "past": HandScale.objects.select_related("by", "ended_by")[:SHOWN],
    }
    return render(request, "jobs/settings/workers.html", shown, status=422 if form.is_bound else 200)


def _scaled(request: HttpRequest, form: WorkersForm) -> bool:
    now = timezone.now()
    lane, options = form.chosen(now=now)
    try:
        staffing.scale(lane, by=person_of(request), now=now, **options)
    except staffing.WrongEnd as error:
        form.add_error("until", str(error))
        return False
    except staffing.CannotScale as error:
        form.add_error("workers", str(error))
        return False
    messages.success(
        request,
        _("The lane {lane} is to have {workers}.").format(
            lane=lane.name, workers=count(options["workers"], "worker")
        ),
    )
    return True


@require_POST
@for_operations
def let_go(request: HttpRequest, lane: str) -> HttpResponse:
    """Take a number back that was set by hand."""
    if staffing.scale_back(lane, by=person_of(request), now=timezone.now()):
        known = switchyard().lanes.get(lane)
        grows = known is not None and known.most_workers is not None
        if grows:
            words = _("The number of workers of the lane {lane} is the platform's choice again.")
        else:
            words = _("The number of workers of the lane {lane} is what the settings say again.")
        messages.success(request, words.format(lane=lane))
    return redirect("jobs:workers")
