"""The forms of a mailing's preview: whose mail is shown, the test mail, the click that sends."""

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.ways import Ways
from emails.windows import Window

LATEST = timedelta(days=366)


NO_TIME = {"invalid": gettext_lazy("Please give a time of the day, such as 08:00.")}


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time", "aria-describedby": "window_help"}, format="%H:%M")


class SendForm(forms.Form):
    """The click that sends: the number of recipients, typed, and which version of the draft was looked at."""

    version = forms.CharField(max_length=64, widget=forms.HiddenInput)
    confirmed = forms.IntegerField(
        label=gettext_lazy("Type the number of students to confirm"),
        min_value=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy(
                "Please type how many students get this mailing; that is your confirmation."
            ),
            "invalid": gettext_lazy("Please type the number in digits, such as 120."),
        },
    )
    not_before = forms.DateTimeField(
        label=gettext_lazy("Not before"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": gettext_lazy("Please give a date and a time, such as 2026-11-25 09:30.")},
    )

    window_start = forms.TimeField(
        label=gettext_lazy("Only from"), required=False, widget=_clock(), error_messages=NO_TIME
    )
    window_end = forms.TimeField(
        label=gettext_lazy("Until"), required=False, widget=_clock(), error_messages=NO_TIME
    )

    as_links = forms.TypedChoiceField(
        label=gettext_lazy("How the files go"),
        required=False,
        coerce=lambda value: value == "link",
        empty_value=None,
        choices=[("attach", gettext_lazy("Attached")), ("link", gettext_lazy("As links"))],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Please choose how the files go.")},
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        """Compare times with `now`."""
        super().__init__(*args, **kwargs)
        self.now = now
        self.window_zone = timezone.get_current_timezone_name()
        self.fields["not_before"].help_text = _(
            "Empty for at once. The time is that of {window_zone}."
        ).format(window_zone=self.window_zone)

    def offer(self, ways: Ways, *, as_links: bool) -> None:
        """Tell what each way in which the files can go weighs and takes, and propose one of them."""
        field = cast("forms.ChoiceField", self.fields["as_links"])
        field.required = True
        field.choices = [("attach", ways.attached), ("link", ways.linked)]
        self.initial["as_links"] = "link" if as_links else "attach"

    @property
    def wanted(self) -> dict[str, Any]:
        """What `sending.send` is told; of a page that is not ours something that it does not do."""
        if not self.is_valid():
            return {"confirmed": 0, "version": ""}
        given = {name: value for name, value in self.cleaned_data.items() if value is not None}
        start, end = given.pop("window_start", None), given.pop("window_end", None)
        return {**given, "window": Window(start=start, end=end)} if start and end else given

    def clean(self) -> dict[str, Any]:
        """Take both ends of the hours in which mails go, in their order, or neither."""
        start, end = self.cleaned_data.get("window_start"), self.cleaned_data.get("window_end")
        wrong = {"window_start", "window_end"} & self.errors.keys()
        if not wrong and (start is None) != (end is None):
            missing = "window_end" if end is None else "window_start"
            self.add_error(missing, _("Please give both times, or neither to send at any hour."))
        elif start is not None and end is not None and end <= start:
            message = _(
                "The second time must be later on the same day than the first: hours cannot go over midnight."
            )
            self.add_error("window_end", message)
        return self.cleaned_data

    def clean_not_before(self) -> datetime | None:
        """Refuse a time that has passed, or is so far away that it is a slip."""
        wanted: datetime | None = self.cleaned_data["not_before"]
        if wanted is not None and wanted <= self.now:
            message = _("This time has passed. Leave it empty to send at once.")
            raise forms.ValidationError(message)
        if wanted is not None and wanted > self.now + LATEST:
            message = _("This is more than a year away. Please look at the date.")
            raise forms.ValidationError(message)
        return wanted


class ChooseForm(forms.Form):
    """Whose mail is looked at: the n-th recipient's, or that of the next one like what was typed."""

    mail = forms.IntegerField(required=False, min_value=1)
    search = forms.CharField(required=False, max_length=100)

    @property
    def number(self) -> int:
        """The number of the mail; that of the first where none was given."""
        return (self.is_valid() and self.cleaned_data["mail"]) or 1

    @property
    def search_words(self) -> str:
        """What was typed."""
        return str(self.cleaned_data["search"]) if self.is_valid() else ""


class TestForm(forms.Form):
    """The click that sends a test mail: a key made with the page, and whose values fill the mail in."""

    key = forms.RegexField(r"^[0-9a-f]{32}$")
    student = forms.IntegerField(required=False, min_value=1)
