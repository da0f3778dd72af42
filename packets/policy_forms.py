"""The form of what holds for a school's packets."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.packet_limits import PacketLimits
from packets.models.policies import NOTICE_LENGTH

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class PolicyForm(forms.Form):
    """What a person of the school chooses."""

    needs_consent = forms.TypedChoiceField(
        label=gettext_lazy("Documents in packets for employers"),
        choices=[
            ("no", gettext_lazy("All, unless the student refused")),
            ("yes", gettext_lazy("Only those that the student released")),
        ],
        coerce=lambda given: given == "yes",
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "What students said comes with the upload of students, in the columns “release resume” and "
            "“release transcript”."
        ),
    )
    kept_days = forms.IntegerField(
        label=gettext_lazy("Days for which the files of a packet are kept"),
        required=False,
        min_value=1,
        max_value=3650,
        widget=forms.TextInput(attrs=NUMBER),
    )
    most_documents = forms.IntegerField(
        label=gettext_lazy("The most documents of a packet"),
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs=NUMBER),
    )
    most_megabytes = forms.IntegerField(
        label=gettext_lazy("The most megabytes of its documents"),
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs=NUMBER),
    )
    most_pages = forms.IntegerField(
        label=gettext_lazy("The most pages of its documents"),
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs=NUMBER),
    )
    notice = forms.CharField(
        label=gettext_lazy("What recipients read before they get the file"),
        required=False,
        max_length=NOTICE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Against passing the documents on. Without, the words below hold."),
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any], limits: PacketLimits) -> None:
        """Tell what holds where a field is empty; a school's limits are not above the platform's."""
        super().__init__(data, initial=initial)
        self.fields["kept_days"].help_text = _("Empty: {kept_days:g} days, as on the whole platform.").format(
            kept_days=limits.kept_days
        )
        for name, most in (
            ("most_documents", limits.documents),
            ("most_megabytes", int(limits.megabytes)),
            ("most_pages", limits.pages),
        ):
            field = self.fields[name]
            field.validators.append(MaxValueValidator(most))
            field.help_text = _("Empty: {most:,}, the platform's most.").format(most=most)
