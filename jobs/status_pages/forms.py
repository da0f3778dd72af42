"""What ops write for the status page: an incident, an update, a maintenance, a postmortem."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.components import IMPACTS
from jobs.forms import AddressField, require_one_line
from jobs.models import Incident, IncidentImpact, IncidentStatus, Postmortem
from jobs.plain import without_controls
from jobs.settings import switchyard
from jobs.status.announcing import allowed_statuses
from jobs.status.bodies import SECTIONS
from jobs.status.naming import NamesSomebody
from jobs.status.postmortems import ChangedMeanwhile

LONGEST_TITLE, LONGEST_TEXT, LONGEST_SECTION = 150, 3000, 20_000
EVERYBODY = gettext_lazy("Everybody can read it. Name no school and no person.")
ENDS_IT = {
    IncidentStatus.RESOLVED: gettext_lazy("It is over"),
    IncidentStatus.COMPLETED: gettext_lazy("It is over"),
}


class DateTimeInput(forms.DateTimeInput):
    """The browser's own calendar and clock."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        """Write moments as browsers read them."""
        super().__init__(format="%Y-%m-%dT%H:%M")


class TellingField(forms.CharField):
    """A text that everybody reads, in feeds too: they cannot hold what neither shows nor parts lines."""

    def to_python(self, value: Any) -> str:
        """Return it without the control characters that came along when it was pasted."""
        return cast("str", super().to_python(without_controls(value or "")))


class PublicForm(forms.Form):
    """What everybody will read; what may be a name, and may be a word, needs a second click."""

    doubtful: Sequence[str] = ()

    def refuse(self, refusal: NamesSomebody) -> None:
        """Say what it names; let the writer go on where that is allowed."""
        self.add_error(None, str(refusal))
        self.doubtful = refusal.doubtful

    @property
    def meant_otherwise(self) -> Sequence[str]:
        """The words that the writer was told of, and goes on with."""
        return str(self.data.get("insist", "")).split()


class AnnouncementForm(PublicForm):
    """What is told of first: a title, what it concerns, and a text."""

    title = TellingField(
        max_length=LONGEST_TITLE,
        label=gettext_lazy("Title"),
        help_text=EVERYBODY,
        validators=[require_one_line],
    )
    components = forms.MultipleChoiceField(
        label=gettext_lazy("What it concerns"), widget=forms.CheckboxSelectMultiple
    )
    body = TellingField(
        max_length=LONGEST_TEXT,
        label=gettext_lazy("What is to be told"),
        help_text=gettext_lazy("What people notice, since when, and what is done."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, data: QueryDict | None) -> None:
        """Offer the components of the settings."""
        super().__init__(data)
        ours = [(each.name, each.title) for each in switchyard().components.values()]
        cast("forms.MultipleChoiceField", self.fields["components"]).choices = ours


class IncidentForm(AnnouncementForm):
    """An incident that the platform did not see."""

    impact = forms.ChoiceField(
        label=gettext_lazy("How bad it is"),
        choices=[(impact, IncidentImpact(impact).label) for impact in IMPACTS],
        widget=forms.RadioSelect,
    )


class MaintenanceForm(AnnouncementForm):
    """A planned maintenance."""

    starts_at = forms.DateTimeField(label=gettext_lazy("Begins"), widget=DateTimeInput)
    ends_at = forms.DateTimeField(label=gettext_lazy("Ends"), widget=DateTimeInput)

    def __init__(self, data: QueryDict | None) -> None:
        """Say in which time zone the moments are."""
        super().__init__(data)
        for name in ("starts_at", "ends_at"):
            self.fields[name].help_text = _("Time zone: {zone}").format(
                zone=timezone.get_current_timezone_name()
            )

    def clean_starts_at(self) -> datetime:
        """Return a moment that is still to come.

        Raises:
            ValidationError: it has passed.
        """
        starts_at = cast("datetime", self.cleaned_data["starts_at"])
        if starts_at <= timezone.now():
            message = _("This moment has passed; a maintenance is planned before it begins.")
            raise forms.ValidationError(message)
        return starts_at

    def clean_ends_at(self) -> datetime:
        """Return a moment after the beginning.

        Raises:
            ValidationError: it is before that.
        """
        starts_at, ends_at = self.cleaned_data.get("starts_at"), self.cleaned_data["ends_at"]
        if starts_at and ends_at <= starts_at:
            message = _("It must end after it begins.")
            raise forms.ValidationError(message)
        return cast("datetime", ends_at)


class UpdateForm(PublicForm):
    """What is told now, and where the incident stands."""

    body = TellingField(
        max_length=LONGEST_TEXT,
        label=gettext_lazy("What is to be told now"),
        help_text=EVERYBODY,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    status = forms.ChoiceField(label=gettext_lazy("Where it stands"), widget=forms.RadioSelect)

    def __init__(self, data: QueryDict | None, *, incident: Incident) -> None:
        """Offer what a person may choose."""
        super().__init__(data, initial={"status": incident.status})
        allowed: Sequence[str] = allowed_statuses(incident)
        choices = [
            (status, ENDS_IT.get(IncidentStatus(status)) or IncidentStatus(status).label)
            for status in allowed
        ]
        cast("forms.ChoiceField", self.fields["status"]).choices = choices
        if len(choices) == 1:
            self.fields["status"].widget = forms.HiddenInput()


class CorrectionForm(PublicForm):
    """Another text in the place of one that was told."""

    before = TellingField(strip=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, text: str, is_title: bool) -> None:
        """Show what it says now."""
        super().__init__(data, initial={"before": text, "after": text})
        widget = forms.TextInput() if is_title else forms.Textarea(attrs={"rows": 5})
        self.fields["after"] = TellingField(
            max_length=LONGEST_TITLE if is_title else LONGEST_TEXT,
            label=_("What it should say"),
            help_text=EVERYBODY,
            widget=widget,
            validators=[require_one_line] if is_title else [],
        )


class PostmortemForm(PublicForm):
    """The sections of a postmortem."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, written: Postmortem | None) -> None:
        """Show what is drafted or written so far."""
        initial = {name: getattr(written, name, "") for name in ("stand", *SECTIONS)}
        super().__init__(data, initial={**initial, "seen": initial["stand"]})
        for name, title in SECTIONS.items():
            options: dict[str, Any] = {"required": name == "summary"}
            self.fields[name] = TellingField(
                label=title, max_length=LONGEST_SECTION, widget=forms.Textarea(attrs={"rows": 8}), **options
            )

    def texts(self) -> dict[str, str]:
        """Return the sections; only after `is_valid`."""
        return {name: self.cleaned_data[name] for name in SECTIONS}

    def catch_up(self, change: ChangedMeanwhile) -> None:
        """Show what is kept now below what was typed, and let the next click be one that has seen it."""
        typed = self.texts()
        self.add_error(None, str(change))
        for name in SECTIONS:
            kept = getattr(change.written, name)
            if kept.split() != typed[name].split():
                words = _("Kept now: {text}").format(text=kept) if kept.strip() else _("Kept now: nothing.")
                self.add_error(name, words)
        data = cast("QueryDict", self.data).copy()
        data["seen"] = change.written.stand
        self.data = data


class SubscribeForm(forms.Form):
    """The address that wants to be told: one of mail, or of a webhook."""

    email = AddressField(
        required=False,
        label=gettext_lazy("By mail to"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    url = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("Or by webhook to"),
        help_text=gettext_lazy(
            "A whole address that begins with https://; it gets a signed POST for each update."
        ),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Return one address.

        Raises:
            ValidationError: there are two, or there is none.
        """
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("email")) == bool(cleaned.get("url")):
            message = _("Write one of the two: an address for mail, or that of a webhook.")
            raise forms.ValidationError(message)
        return cleaned
