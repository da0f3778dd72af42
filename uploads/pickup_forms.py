"""The form that says what is done with files in a school's folders."""

from collections.abc import Mapping
from typing import Any

from django import forms

from uploads.datasets import DATASETS
from uploads.models import PickupMode

OFF = "Leave its files alone"


class PickupsForm(forms.Form):
    """For each dataset what is done with its files."""

    def __init__(self, *args: Any, modes: Mapping[str, str], **kwargs: Any) -> None:
        """Offer what is set: `modes`, by the name of the dataset."""
        super().__init__(*args, **kwargs)
        for name, dataset in DATASETS.items():
            self.fields[name] = forms.ChoiceField(
                label=dataset.label.capitalize(),
                choices=[("", OFF), *PickupMode.choices],
                required=False,
                initial=modes.get(name, ""),
            )
