"""The form that says as what each column of a file is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from uploads.datasets import Dataset
from uploads.headings import PROBLEM_HEADING, plain
from uploads.suggesting import Suggestion, missing_columns

NOT_READ = gettext_lazy("Not read")
MANY = 40
"""Beyond so many columns, those that are read as nothing stand apart."""


@dataclass(frozen=True, kw_only=True)
class ColumnShown:
    """A column of the file as the page shows it."""

    number: int
    heading: str
    samples: list[str]
    field: forms.BoundField
    why: str


class ColumnsForm(forms.Form):
    """For each column of a file the column of the dataset as which it is read, or none."""

    def __init__(
        self,
        *args: Any,
        suggestion: Suggestion,
        samples: list[list[str]],
        places: Mapping[str, int],
        **kw: Any,
    ) -> None:
        """Offer the suggestion, or what was chosen: `places`."""
        super().__init__(*args, **kw)
        self._suggestion, self._samples = suggestion, samples
        self._by_place = {place: name for name, place in places.items()}
        choices = [("", NOT_READ), *choices_of(suggestion.dataset)]
        for place, heading in enumerate(suggestion.headings):
            if plain(heading) != PROBLEM_HEADING:
                self.fields[f"c{place}"] = forms.ChoiceField(
                    label=_("Read “{heading}” as").format(heading=heading or place + 1),
                    choices=choices,
                    required=False,
                    initial=self._by_place.get(place, ""),
                )

    def clean(self) -> dict[str, Any]:
        """Name columns that two of the file were chosen for, and required ones that none was."""
        headings, dataset = self._suggestion.headings, self._suggestion.dataset
        places: dict[str, int] = {}
        for field, name in self.cleaned_data.items():
            place = int(field.removeprefix("c"))
            if name and name in places:
                first, column = headings[places[name]], dataset.column(name)
                sentence = _("“{first}” and “{second}” are both read as {column}. Choose one.").format(
                    first=first, second=headings[place], column=column.heading
                )
                self.add_error(None, sentence)
            elif name:
                places[name] = place
        missing = ", ".join(column.heading for column in missing_columns(places, dataset=dataset))
        if missing:
            self.add_error(
                None,
                _("No column is read as: {missing}. Choose the columns that hold them.").format(
                    missing=missing
                ),
            )
        return {"places": places}

    @property
    def columns(self) -> list[ColumnShown]:
        """The columns of the file, in its order; of very many, those that are read as something."""
        return [column for column in self._all if not self._are_many or column.field.value()]

    @property
    def others(self) -> list[ColumnShown]:
        """Those of very many that are read as nothing."""
        return [column for column in self._all if self._are_many and not column.field.value()]

    @property
    def _are_many(self) -> bool:
        return len(self.fields) > MANY

    @property
    def _all(self) -> Iterator[ColumnShown]:
        chosen = {place: name for name, place in self._suggestion.places.items()}
        for name in self.fields:
            place = int(name.removeprefix("c"))
            is_as_suggested = self._by_place.get(place) == chosen.get(place)
            yield ColumnShown(
                number=place + 1,
                heading=self._suggestion.headings[place],
                samples=self._samples[place] if place < len(self._samples) else [],
                field=self[name],
                why=self._suggestion.why.get(place, "") if is_as_suggested else "",
            )


def choices_of(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the dataset's columns as a person chooses them."""
    return [
        (column.name, f"{column.heading} (required)" if column.is_required else column.heading)
        for column in dataset.columns
    ]
