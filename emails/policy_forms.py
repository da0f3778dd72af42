"""The form of a school's attachment policy."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from emails.models import AttachmentWay

MOST_MEGABYTES = 1000


class PolicyForm(forms.Form):
    """How files go with the school's mailings."""

    way = forms.ChoiceField(label=_("How files go"), choices=AttachmentWay.choices, widget=forms.RadioSelect)
    link_above_megabytes = forms.FloatField(
        label=_("Files are large above, in MB"),
        min_value=0,
        max_value=MOST_MEGABYTES,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_(
            "All files of a mailing together. 0 makes every file a link, but files of students' own "
            "are always attached. Where the sender chooses, this is what is proposed."
        ),
        error_messages={
            "required": _("Write a number of megabytes, such as 5."),
            "invalid": _("Write a number of megabytes in digits, such as 5 or 2.5."),
        },
    )

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, for `policies.choose`; only after `is_valid`."""
        return {**self.cleaned_data, "way": AttachmentWay(self.cleaned_data["way"])}
