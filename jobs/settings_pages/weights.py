"""The form of schools' weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from jobs.models import School
from jobs.overrides import Path
from jobs.reviewing import Proposal
from jobs.versions import Origin


@dataclass(frozen=True, kw_only=True)
class Row:
    """One school on the page."""

    school: School
    field: BoundField
    origin: Origin | None
    """Who changed its weight last; None when nobody ever did."""


class WeightsForm(forms.Form):
    """A number for each school."""

    def __init__(
        self, data: QueryDict | None, *, schools: Sequence[School], origins: Mapping[Path, Origin]
    ) -> None:
        """Make a field for each of `schools`."""
        super().__init__(data, prefix="weight")
        self._schools, self._origins = schools, origins
        for school in schools:
            weight = int(school.weight) if school.weight.is_integer() else school.weight
            self.fields[school.slug] = forms.FloatField(
                label=f"Weight of {school.name}",
                initial=weight,
                widget=forms.NumberInput(attrs={"min": 0, "step": "any"}),
            )

    def rows(self) -> list[Row]:
        """Return each school with its field."""
        return [
            Row(
                school=school,
                field=self[school.slug],
                origin=self._origins.get(("schools", school.slug, "weight")),
            )
            for school in self._schools
        ]

    def proposal(self) -> Proposal:
        """Return the weights that differ from those in force."""
        given = self.cleaned_data
        return Proposal(
            weights={
                school.slug: given[school.slug]
                for school in self._schools
                if given[school.slug] != school.weight
            }
        )

    def clean(self) -> None:
        """Refuse weights that are not positive."""
        for slug, weight in list(self.cleaned_data.items()):
            if weight <= 0:
                self.add_error(slug, "Write a number greater than 0.")

    def refuse(self, message: str, *, name: str = "") -> None:
        """Show the message beside the field of the setting `name`, else above the form."""
        slug = next((slug for slug in self.fields if f" {slug} " in name), None)
        self.add_error(slug, message)
