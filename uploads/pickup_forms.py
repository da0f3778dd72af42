"""The form that says what is done with files in a school's folders."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from uploads.datasets import DATASETS
from uploads.models import PickupMode

OFF = _("Leave its files alone")


class PickupsForm(forms.Form):
    """For each dataset what is done with its files."""

    def __init__(self, *args: Any, modes: Mapping[str, str], **kwargs: Any) -> None:
        """Offer what is set: `modes`, by the name of the dataset."""
        super().__init__(*args, **kwargs)
        for name, dataset in DATASETS.items():
            self.fields[name] = forms.ChoiceField(
                label=gettext(dataset.label).capitalize(),
                choices=[("", OFF), *PickupMode.choices],
                required=False,
                initial=modes.get(name, ""),
            )
