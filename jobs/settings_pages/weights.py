"""The form of schools' weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _

from jobs.meanwhile import Meanwhile
from jobs.models import School
from jobs.overrides import Path
from jobs.reviewing import Proposal
from jobs.schools import LEAST_WEIGHT, MOST_WEIGHT
from jobs.settings_pages.numbers import NumberField
from jobs.settings_pages.sharing import SharedForm, plain
from jobs.versions import Origin


@dataclass(frozen=True, kw_only=True)
class Row:
    """One school on the page."""

    school: School
    field: BoundField
    origin: Origin | None
    """Who changed its weight last; None when nobody ever did."""


class WeightsForm(SharedForm):
    """A number for each school."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        schools: Sequence[School],
        origins: Mapping[Path, Origin],
        meanwhile: Meanwhile,
    ) -> None:
        """Make a field for each of `schools`."""
        super().__init__(data, meanwhile=meanwhile, prefix="weight")
        self._schools, self._origins = schools, origins
        self._weights = {school.slug: school.weight for school in schools}
        for school in schools:
            self.fields[school.slug] = NumberField(
                label=_("Weight of {school}").format(school=school.name), initial=plain(school.weight)
            )

    def rows(self) -> list[Row]:
        """Return each school with its field."""
        return [
            Row(
                school=school,
                field=self[school.slug],
                origin=self._origins.get(self.path_of(school.slug)),
            )
            for school in self._schools
        ]

    def proposal(self) -> Proposal:
        """Return the weights that the person changed."""
        return Proposal(schools={slug: {"weight": weight} for slug, weight in self.own().items()})

    def path_of(self, name: str) -> Path:
        """Return where the weight of the school with the slug `name` stands."""
        return ("schools", name, "weight")

    def in_force(self, name: str) -> float:
        """Return the weight of the school with the slug `name`."""
        return self._weights[name]

    def clean(self) -> None:
        """Refuse weights that no school can have."""
        for slug, weight in list(self.cleaned_data.items()):
            if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
                self.add_error(
                    slug,
                    _("Write a number from {least:g} to {most:g}.").format(
                        least=LEAST_WEIGHT, most=MOST_WEIGHT
                    ),
                )

    def refuse(self, message: str, *, name: str = "") -> None:
        """Show the message beside the field of the setting `name`, else above the form."""
        slug = next((slug for slug in self.fields if f" {slug} " in name), None)
        self.add_error(slug, message)
