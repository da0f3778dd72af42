"""The filter above the list of jobs, and the reason for a change."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.language import Words
from jobs.models import JobState, MailChoice, Person, School
from jobs.plain import is_one_line
from jobs.queries import listed_kinds
from jobs.searching import Search

MOST_DIGITS = 18
"""An id with more digits fits into no column."""
LONGEST_REASON, LONGEST_ADDRESS = 300, 254
"""Characters; of an address, see https://www.rfc-editor.org/errata/eid1690."""

NOT_ONE_LINE = gettext_lazy("It is one line: leave out line breaks and other characters that are not seen.")


def id_in(text: str) -> int | None:
    """Return the id that a form or an address sent; None where none can be meant."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


class _Uncut(forms.CharField):
    """A text that is told to be too long, where a browser would cut it silently."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out the limit at which browsers stop reading."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class LineField(forms.CharField):
    """A name or a title: one line, without characters that nobody sees."""

    def __init__(self, **options: Any) -> None:
        """Take what `forms.CharField` takes."""
        super().__init__(**options)
        self.validators.append(require_one_line)


def require_one_line(text: str) -> None:
    """Refuse what is not one line.

    Raises:
        ValidationError: it has control characters or ends of lines.
    """
    if not is_one_line(text):
        raise forms.ValidationError(NOT_ONE_LINE)


class AddressField(_Uncut, forms.EmailField):
    """Somebody's e-mail address, in the small letters in which addresses are kept."""

    def __init__(self, **options: Any) -> None:
        """Take what `forms.EmailField` takes."""
        messages = {
            "max_length": gettext_lazy(
                "This has %(show_value)d characters; an e-mail address has at most %(limit_value)d."
            ),
            **options.pop("error_messages", {}),
        }
        super().__init__(max_length=LONGEST_ADDRESS, error_messages=messages, **options)

    def to_python(self, value: Any) -> str:
        """Return it in small letters."""
        return cast("str", super().to_python(value)).lower()


class ReasonField(_Uncut):
    """Why a person does something."""

    def __init__(self, **options: Any) -> None:
        """Take what `forms.CharField` takes."""
        messages = {
            "max_length": _("Write at most %(limit_value)d characters; you wrote %(show_value)d."),
            **options.pop("error_messages", {}),
        }
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(max_length=LONGEST_REASON, widget=widget, error_messages=messages, **options)


class ConfirmField(forms.CharField):
    """A name that a person types to confirm; it is asked for only where it is wanted, so never optional."""

    is_wanted = True

    def __init__(self, *, label: Words) -> None:
        """Let the form say when it is missing."""
        attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(required=False, label=label, widget=forms.TextInput(attrs=attrs))


class DateInput(forms.DateInput):
    """The browser's own calendar, which sends and takes dates as 2027-03-31."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Write dates as browsers read them."""
        super().__init__(attrs, format="%Y-%m-%d")


class JobFilter(forms.Form):
    """Which jobs the list shows; an empty choice means any."""

    text = forms.CharField(
        required=False,
        max_length=100,
        label=gettext_lazy("Title or error"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Any state")), *JobState.choices],
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    school = forms.ModelChoiceField(
        School.objects.none(),
        label=gettext_lazy("School"),
        required=False,
        empty_label=gettext_lazy("Any school"),
    )
    submitted_by = forms.ModelChoiceField(
        Person.objects.none(),
        required=False,
        label=gettext_lazy("Asked for by"),
        empty_label=gettext_lazy("Anyone"),
    )
    since = forms.DateField(required=False, label=gettext_lazy("From"), widget=DateInput)
    until = forms.DateField(required=False, label=gettext_lazy("To"), widget=DateInput)

    def __init__(self, data: QueryDict, *, person: Person) -> None:
        """Offer what `person` may see: staff choose among their own, ops also a school and its people."""
        super().__init__(data, auto_id="filter_%s")
        offered = [(kind.name, kind.label) for kind in listed_kinds(person)]
        cast("forms.ChoiceField", self.fields["kind"]).choices = [("", _("Any kind")), *offered]
        if person.school_id is not None:
            del self.fields["school"]
            self._offer("submitted_by", Person.objects.filter(school_id=person.school_id))
        else:
            self._offer("school", School.objects.all())
            self._offer("submitted_by", Person.objects.filter(school=self._school_id))
            if self._school_id is None:
                self.fields["submitted_by"].help_text = _(
                    "Search a school first, to choose among its people."
                )

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = rows.order_by("name", "pk")

    @property
    def _school_id(self) -> int | None:
        """The school in the address: only its people are offered; without one, those who belong to none."""
        return id_in(self.data.get("school", ""))

    @property
    def search(self) -> Search:
        """What the person chose; a value that is no choice is left out."""
        self.full_clean()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return Search(**chosen)


class ReasonForm(forms.Form):
    """Why a person changes a job."""

    why = ReasonField(
        required=False,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Kept in the job's history, for your colleagues."),
    )

    @property
    def reason(self) -> str:
        """What was written, or nothing."""
        return str(self.cleaned_data["why"]) if self.is_valid() else ""


class MailsForm(forms.Form):
    """When a person is mailed that a job of theirs ended."""

    mails = forms.ChoiceField(
        label=gettext_lazy("Mail me when a job of mine has ended or needs attention"),
        choices=MailChoice.choices,
        widget=forms.RadioSelect,
    )


class WebhookForm(forms.Form):
    """The address of a new webhook."""

    url = forms.CharField(
        max_length=500,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy(
            "For example https://careers.example.edu/hooks. It must answer within ten seconds."
        ),
        widget=forms.URLInput,
    )


class SecretForm(forms.Form):
    """What becomes of the old secret of a webhook."""

    OVERLAP, AT_ONCE = "overlap", "at-once"

    old = forms.ChoiceField(
        label=gettext_lazy("The old secret"),
        choices=[
            (OVERLAP, gettext_lazy("goes on signing beside the new one for a while: nothing gets lost")),
            (AT_ONCE, gettext_lazy("is not used any more: somebody may know it who should not")),
        ],
        initial=OVERLAP,
        widget=forms.RadioSelect,
    )

    @property
    def keeps_old(self) -> bool:
        """Whether it goes on signing; only after `is_valid`."""
        return bool(self.cleaned_data["old"] == self.OVERLAP)
