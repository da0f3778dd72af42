"""The form by which a person pauses or drains a lane, a kind or a school."""

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from jobs.forms import ConfirmField, ReasonField
from jobs.holds import ReplacesAnother, Target
from jobs.models import HoldMode, HoldScope, School
from jobs.registry import kinds
from jobs.settings import switchyard

SPANS = {
    "": gettext_lazy("Until someone lifts it"),
    "15": gettext_lazy("For 15 minutes"),
    "60": gettext_lazy("For an hour"),
    "240": gettext_lazy("For 4 hours"),
    "1440": gettext_lazy("For a day"),
}


class HoldForm(forms.Form):
    """What is held, how, how long and why."""

    target = forms.ChoiceField(label=gettext_lazy("What"))
    mode = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            (HoldMode.PAUSE, gettext_lazy("Pause: parts at work finish, nothing else begins")),
            (HoldMode.DRAIN, gettext_lazy("Drain: jobs that are there go on, newer ones wait")),
        ],
        initial=HoldMode.PAUSE,
        widget=forms.RadioSelect,
    )
    lasts = forms.ChoiceField(required=False, label=gettext_lazy("How long"), choices=list(SPANS.items()))
    why = ReasonField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Everyone whose job waits for it reads this on the job's page."),
    )
    confirmed = ConfirmField(label=gettext_lazy("Type its name to confirm"))

    replaces = forms.CharField(required=False, widget=forms.HiddenInput)
    """The stamp of the hold that the person was told of."""
    replaced = ""
    """What would be replaced, as a sentence."""

    def __init__(self, data: QueryDict | None) -> None:
        """Offer all lanes, kinds and schools."""
        super().__init__(data)
        named = {
            HoldScope.LANE: [(lane, lane) for lane in switchyard().lanes],
            HoldScope.KIND: [
                (kind.name, f"{kind.label} ({kind.name})") for kind in kinds() if kind.is_routed
            ],
            HoldScope.SCHOOL: list(School.objects.order_by("name").values_list("slug", "name")),
        }
        cast("forms.ChoiceField", self.fields["target"]).choices = [
            ("", gettext("Choose a lane, a kind or a school")),
            *(
                (str(scope.label), [(f"{scope}:{name}", label) for name, label in choices])
                for scope, choices in named.items()
            ),
        ]

    @property
    def asks_to_confirm(self) -> bool:
        """Whether the person was told that people stand still without it."""
        return self.is_bound and ("confirmed" in self.errors or bool(self.data.get("confirmed")))

    def ask_to_replace(self, known: ReplacesAnother) -> None:
        """Tell of the hold that would be replaced; the next click replaces it."""
        self.replaced = str(known)
        self.data = cast("QueryDict", self.data).copy()
        self.data["replaces"] = known.stamp

    def chosen(self, *, now: datetime) -> tuple[Target, dict[str, Any]]:
        """Return what `jobs.holds.put` takes; only after `is_valid`."""
        given = self.cleaned_data
        scope, _, name = given["target"].partition(":")
        until = now + timedelta(minutes=int(given["lasts"])) if given["lasts"] else None
        options = {
            "mode": HoldMode(given["mode"]),
            "why": given["why"],
            "until": until,
            "confirmed": given["confirmed"],
            "replaces": given["replaces"],
        }
        return Target(scope=HoldScope(scope), name=name), options
