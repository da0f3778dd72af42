"""The form by which a person sets how many workers a lane has for a while."""

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.forms import ReasonField
from jobs.lanes import MOST_WORKERS, Lane
from jobs.settings import switchyard
from jobs.settings_pages.numbers import WholeNumberField
from jobs.staffing import USUAL_SPAN

MINUTE = timedelta(minutes=1)
UNTIL = "until"
SPANS = {
    "60": gettext_lazy("For an hour"),
    "240": gettext_lazy("For 4 hours"),
    "1440": gettext_lazy("For a day"),
    "10080": gettext_lazy("For a week"),
    UNTIL: gettext_lazy("Until a time"),
}


class WorkersForm(forms.Form):
    """Which lane, how many workers, how long and why."""

    lane = forms.ChoiceField(label=gettext_lazy("Lane"))
    workers = WholeNumberField(
        label=gettext_lazy("Workers"),
        help_text=gettext_lazy(
            "Parts worked on at once, over all hosts. Each host that serves the lane has one at least."
        ),
        min_value=1,
        max_value=MOST_WORKERS,
    )
    lasts = forms.ChoiceField(
        label=gettext_lazy("How long"), choices=list(SPANS.items()), initial=str(USUAL_SPAN // MINUTE)
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Until when"),
        required=False,
        help_text=gettext_lazy("Counts where “Until a time” is chosen."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("Give a date and a time, such as 2027-03-31 09:30.")},
    )
    why = ReasonField(
        label=gettext_lazy("Why"), help_text=gettext_lazy("Whoever looks after the lanes next reads this.")
    )

    def __init__(self, data: QueryDict | None) -> None:
        """Offer all lanes."""
        super().__init__(data)
        lanes = [(lane, lane) for lane in switchyard().lanes]
        cast("forms.ChoiceField", self.fields["lane"]).choices = [("", _("Choose a lane")), *lanes]

    def clean(self) -> dict[str, Any]:
        """Ask for the time where one is wanted."""
        given = super().clean() or self.cleaned_data
        if given.get("lasts") == UNTIL and not given.get("until") and "until" not in self.errors:
            self.add_error("until", _("Say until when."))
        return given

    def chosen(self, *, now: datetime) -> tuple[Lane, dict[str, Any]]:
        """Return what `jobs.staffing.scale` takes; only after `is_valid`."""
        given = self.cleaned_data
        until = given["until"] if given["lasts"] == UNTIL else now + int(given["lasts"]) * MINUTE
        lane = switchyard().lanes[given["lane"]]
        return lane, {"workers": given["workers"], "why": given["why"], "until": until}
