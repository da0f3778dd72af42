"""The page on which operations change all jobs of a choice: seen first, confirmed by their number."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jobs import bulk, bulk_choices, bulk_orders, counting, queries
from jobs.access import for_operations, person_of
from jobs.amounts import count
from jobs.asking import Refused
from jobs.bulk import Action
from jobs.forms import JobFilter, ReasonField
from jobs.models import BulkChange, Person
from jobs.refreshing import refreshed

SHOWN, LINES = 10, 20
WORDS = {
    Action.RETRY: gettext_lazy("Try again"),
    Action.STOP: gettext_lazy("Stop"),
    Action.MOVE: gettext_lazy("Move to another lane"),
}
NOT_CHOICES = ("action", "to", "page")


class ActionForm(forms.Form):
    """What is to be done, to as many jobs as were seen."""

    action = forms.ChoiceField(label=gettext_lazy("What is done to them"), choices=list(WORDS.items()))
    to = forms.ChoiceField(label=gettext_lazy("Lane, if they are moved"), required=False)

    def __init__(self, data: QueryDict) -> None:
        """Offer the lanes to which jobs may be moved."""
        super().__init__(data if data.get("action") else None, auto_id="bulk_%s")
        lanes = [(name, name) for name in bulk.lanes_to_move_to()]
        cast("forms.ChoiceField", self.fields["to"]).choices = [("", _("Choose a lane")), *lanes]

    def clean(self) -> dict[str, Any]:
        """Ask for a lane where jobs are moved."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("action") == Action.MOVE and not cleaned.get("to"):
            self.add_error("to", _("Choose the lane to which they are moved."))
        return cleaned


class ConfirmForm(forms.Form):
    """The click that does it."""

    confirmed = forms.IntegerField(
        label=gettext_lazy("Type the number of jobs to confirm"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Type the number."),
            "invalid": gettext_lazy("Type the number in digits."),
        },
    )
    why = ReasonField(
        required=True,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Kept in the history of each job, and below."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def change_jobs(request: HttpRequest) -> HttpResponse:
    """Show which jobs fit the choice of the address, and change them once their number is typed."""
    person = person_of(request)
    action, form = ActionForm(request.GET), ConfirmForm(request.POST or None)
    if request.method == "POST" and action.is_valid() and form.is_valid():
        try:
            made = _change(request, action.cleaned_data, form.cleaned_data, person=person)
        except (bulk.OthersNow, Refused) as error:
            form.add_error("confirmed", str(error))
        else:
            messages.success(request, _told(made))
            return redirect(f"{reverse('jobs:bulk')}?{_chosen(request)}")
    return _show(request, action, form, person=person)


def _change(
    request: HttpRequest, action: dict[str, Any], confirmed: dict[str, Any], *, person: Person
) -> BulkChange:
    change = bulk_orders.order if _is_ordered(confirmed["confirmed"]) else bulk.change
    return change(
        _jobs(request, person),
        Action(action["action"]),
        lane=action["to"] if action["action"] == Action.MOVE else "",
        chosen=_chosen(request),
        by=person,
        now=timezone.now(),
        **confirmed,
    )


def _is_ordered(jobs: int) -> bool:
    """Whether so many jobs are more than the click itself can change."""
    return jobs > bulk.MOST and bulk_orders.is_offered()


def _told(made: BulkChange) -> str:
    action = WORDS[Action(made.action)]
    if made.ids:
        words = _("{action}: {jobs}, one after the other. The list below says how far it is.")
    elif made.done == made.count:
        words = _("{action}: done to {done:,} of {jobs}.")
    else:
        words = _("{action}: done to {done:,} of {jobs}. The others refused it; their pages say why.")
    return words.format(action=action, done=made.done, jobs=count(made.count, "job"))


def _show(request: HttpRequest, action: ActionForm, form: ConfirmForm, *, person: Person) -> HttpResponse:
    shown: dict[str, Any] = {"filter": JobFilter(request.GET, person=person), "action": action, "form": form}
    shown |= {"words": WORDS, **_lines()}
    if action.is_valid():
        chosen = action.cleaned_data
        fit = bulk.those_that_can(_jobs(request, person), Action(chosen["action"]), lane=chosen["to"])
        oldest = list(fit.order_by("id")[:SHOWN])
        counting.attach_units(oldest)
        most = bulk_orders.MOST if bulk_orders.is_offered() else bulk.MOST
        fitting = fit.order_by()[: most + 1].count()
        shown |= {
            "count": min(fitting, most),
            "are_more": fitting > most,
            "is_ordered": _is_ordered(min(fitting, most)),
            "jobs": oldest,
            "does": WORDS[Action(chosen["action"])],
            "would_compute": chosen["action"] == Action.MOVE and bulk.would_compute(fit, lane=chosen["to"]),
            "to": chosen["to"],
        }
    return render(request, "jobs/bulk.html", shown, status=422 if form.is_bound else 200)


@require_safe
@for_operations
@refreshed
def show_changes(request: HttpRequest) -> HttpResponse:
    """Refresh the list of what was changed so."""
    return render(request, "jobs/bulk_now.html", _lines())


def _lines() -> dict[str, Any]:
    lines = bulk_orders.lines(BulkChange.objects.all(), most=LINES)
    choices = bulk_choices.in_words(line.change.chosen for line in lines)
    return {
        "lines": list(zip(lines, choices, strict=True)),
        "is_under_way": any(line.is_under_way for line in lines),
    }


def _jobs(request: HttpRequest, person: Person) -> Any:
    chosen = JobFilter(request.GET, person=person).search
    return chosen.among(queries.listed_jobs(person, kind=request.GET.get("kind", "")))


def _chosen(request: HttpRequest) -> str:
    """Return the choice of jobs as the query of an address."""
    query = request.GET.copy()
    for name in NOT_CHOICES:
        query.pop(name, None)
    return query.urlencode()[:1000]
