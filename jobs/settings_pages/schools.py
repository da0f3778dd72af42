"""The forms of a school, and of a new one; and what is told of schools beside them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs import zones
from jobs.forms import LineField
from jobs.meanwhile import Meanwhile
from jobs.models import OPEN_STATES, ApiToken, Job, Person, School
from jobs.models.people import PLATFORM
from jobs.outliving import MOST_COUNTED
from jobs.overrides import Path
from jobs.reviewing import Proposal
from jobs.schools import MOST_NAME_CHARACTERS, NewSchool
from jobs.settings import Switchyard
from jobs.settings_pages.numbers import WholeNumberField
from jobs.settings_pages.sharing import SharedForm
from jobs.versions import Origin

SHORT_NAME = re.compile(r"-*[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One school in the list."""

    school: School
    people: int
    """Who are let in."""
    tokens: int
    """Which let programs in."""


def listed(schools: Sequence[School]) -> list[Listed]:
    """Return the schools with how many people and tokens each has, counted for all of them together."""
    now = timezone.now()
    valid = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    people = _by_school(Person.objects.filter(is_active=True, school__in=schools))
    tokens = _by_school(ApiToken.objects.filter(valid, school__in=schools))
    return [
        Listed(school=school, people=people.get(school.pk, 0), tokens=tokens.get(school.pk, 0))
        for school in schools
    ]


def _by_school(rows: QuerySet[Any]) -> dict[int, int]:
    counts = rows.order_by().values("school").annotate(count=Count("pk"))
    return {row["school"]: row["count"] for row in counts}


def open_jobs_of(school: School) -> int:
    """Return how many of its jobs have not ended, counted up to one above `MOST_COUNTED`."""
    found = Job.objects.filter(school=school, state__in=OPEN_STATES).order_by()
    return found[: MOST_COUNTED + 1].count()


def lanes_with_own_limits(school: School, settings: Switchyard) -> list[str]:
    """Return the lanes that have limits of this school alone."""
    return [
        lane.name
        for lane in settings.lanes.values()
        if school.slug in lane.rates_of_schools or school.slug in lane.bytes_rates_of_schools
    ]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One value of the school on its page."""

    field: BoundField
    value: Any
    """What is in force."""
    origin: Origin | None
    """Who changed it last; None when nobody ever did."""


class _OfSchool(forms.Form):
    """A form of which values may be refused by the names that `jobs.schools` gives them."""

    def refuse(self, message: str, *, name: str = "") -> None:
        """Show the message beside the field of the value `name`, else above the form."""
        last = name.rpartition(" ")[2]
        self.add_error(last if last in self.fields else None, message)


class SchoolForm(_OfSchool, SharedForm):
    """What administrators say of one school; its weight has a page with those of the others."""

    name = LineField(
        label=_("Name"), max_length=MOST_NAME_CHARACTERS, help_text=_("As pages and mails call it.")
    )
    time_zone = forms.ChoiceField(
        required=False,
        choices=zones.choices,
        label=_("Time zone"),
        help_text=_("In which its people see and type times. They may choose another one themselves."),
    )
    history_days = WholeNumberField(
        label=_("Keep ended jobs for"),
        required=False,
        help_text=_("In days. Empty for as long as those of other schools."),
    )
    is_on = forms.TypedChoiceField(
        label=_("State"),
        choices=[("True", _("On")), ("False", _("Off"))],
        coerce=lambda given: given == "True",
        help_text=_(
            "Off: its people are signed out and cannot sign in, its programs are let in no more, and "
            "its jobs wait until it is on again. What is at work ends. Nothing is deleted."
        ),
    )

    def __init__(self, data: QueryDict | None, *, school: School, meanwhile: Meanwhile) -> None:
        """Show what is in force of `school`."""
        super().__init__(data, meanwhile=meanwhile)
        self._school = school
        if school.slug == PLATFORM:
            del self.fields["is_on"]
        for name, field in self.fields.items():
            field.initial = self.in_force(name)

    def rows(self, origins: Mapping[Path, Origin]) -> list[Row]:
        """Return each value with its field."""
        return [
            Row(field=self[name], value=self.in_force(name), origin=origins.get(self.path_of(name)))
            for name in self.fields
        ]

    def proposal(self) -> Proposal:
        """Return the values that the person changed."""
        own = self.own()
        return Proposal(schools={self._school.slug: own} if own else {})

    def path_of(self, name: str) -> Path:
        """Return where the value stands."""
        return ("schools", self._school.slug, name)

    def in_force(self, name: str) -> Any:
        """Return the value."""
        return getattr(self._school, name)


class NewSchoolForm(_OfSchool):
    """A school that is to be added."""

    name = LineField(
        label=_("Name"), max_length=MOST_NAME_CHARACTERS, help_text=_("As pages and mails call it.")
    )
    slug = forms.CharField(
        label=_("Short name"),
        max_length=50,
        help_text=_(
            "Small letters, digits and hyphens, such as northfield: in the settings, in commands and "
            "in the names of its folders. It stays what it is."
        ),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=zones.choices,
        help_text=_("In which its people see and type times."),
    )

    def clean_slug(self) -> str:
        """Return the short name in small letters.

        Raises:
            ValidationError: it has other characters, or neither a letter nor a digit.
        """
        slug = str(self.cleaned_data["slug"]).lower()
        if not SHORT_NAME.fullmatch(slug):
            message = _("Write small letters, digits and hyphens, with a letter or a digit among them.")
            raise forms.ValidationError(message)
        return slug

    def proposal(self) -> Proposal:
        """Return the new school."""
        return Proposal(new_school=NewSchool(**self.cleaned_data))

    def catch_up(self, meanwhile: Meanwhile) -> None:
        """Leave what was typed: nobody else can have changed a school that is not there."""
