"""The page of holds: what is paused or drained, holding more, and letting it go on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jobs.access import for_operations, person_of
from jobs.holds import CannotHold, NotConfirmed, ReplacesAnother, lift, put
from jobs.models import Hold, HoldEvent
from jobs.settings_pages.holds import HoldForm

EVENTS_SHOWN = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def show_holds(request: HttpRequest) -> HttpResponse:
    """Show what is held and what was; hold something more."""
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _held(request, form):
        return redirect("jobs:holds")
    shown = {
        "form": form,
        "holds": Hold.objects.select_related("by", "school"),
        "events": HoldEvent.objects.select_related("by")[:EVENTS_SHOWN],
    }
    return render(request, "jobs/settings/holds.html", shown, status=422 if form.is_bound else 200)


def _held(request: HttpRequest, form: HoldForm) -> bool:
    target, options = form.chosen(now=timezone.now())
    try:
        hold = put(target, by=person_of(request), **options)
    except NotConfirmed as error:
        form.add_error("confirmed", str(error))
    except ReplacesAnother as error:
        form.ask_to_replace(error)
    except CannotHold as error:
        form.add_error("target", str(error))
    else:
        messages.success(
            request,
            _("{scope} {name}: {mode}.").format(
                scope=hold.get_scope_display(), name=hold.name, mode=hold.get_mode_display().lower()
            ),
        )
        return True
    return False


@require_POST
@for_operations
def lift_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go on."""
    hold = get_object_or_404(Hold, pk=pk)
    try:
        if lift(hold, by=person_of(request)):
            messages.success(
                request, _("{scope} {name} goes on.").format(scope=hold.get_scope_display(), name=hold.name)
            )
    except CannotHold as error:
        messages.warning(request, str(error))
    return redirect("jobs:holds")
