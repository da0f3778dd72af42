"""The filter above lists of students."""

from collections.abc import Sequence
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jobs.directory import OPEN_STATUSES, ApplicationStatus, StudentFilter, directory

ANY, OPEN = ("", _("Any status")), ("open", _("Any but rejected and withdrawn"))
MOST_VACANCIES = 500
"""Offered to choose from."""


class StudentFilterForm(forms.Form):
    """Which students the page lists; an empty field means any."""

    major = forms.ChoiceField(label=_("Major"), required=False)
    graduation_year = forms.TypedChoiceField(
        label=_("Graduation year"), required=False, coerce=int, empty_value=None
    )
    search = forms.CharField(
        required=False,
        max_length=100,
        label=_("Name, e-mail or number"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    vacancy = forms.ChoiceField(required=False, label=_("Applied to"))
    status = forms.ChoiceField(
        required=False, label=_("Application"), choices=[ANY, OPEN, *ApplicationStatus.choices]
    )

    def __init__(self, data: QueryDict, *, school_id: int) -> None:
        """Offer the majors and years that occur in the school, and the vacancies that students applied to."""
        super().__init__(data, auto_id="filter_%s")
        majors = directory().majors(school_id=school_id)
        years = directory().graduation_years(school_id=school_id)
        self._offer("major", ("", _("Any major")), *((major, major) for major in majors))
        self._offer(
            "graduation_year", ("", _("Any year")), *((str(year), str(year)) for year in reversed(years))
        )
        self._offer_vacancies(data.get("vacancy", ""), school_id=school_id)

    def _offer_vacancies(self, chosen: str, *, school_id: int) -> None:
        """Offer them; where nobody applied to any, the form does not ask."""
        found = directory().vacancies(school_id=school_id, most=MOST_VACANCIES, with_number=chosen)
        if found:
            named = ((each.number, f"{each.title}, {each.employer} ({each.number})") for each in found)
            self._offer("vacancy", ("", _("Any vacancy, or none")), *named)
        else:
            del self.fields["vacancy"], self.fields["status"]

    @property
    def has_vacancies(self) -> bool:
        """Whether there are vacancies to choose from."""
        return "vacancy" in self.fields

    def _offer(self, name: str, *choices: tuple[str, str | Promise]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    @property
    def chosen(self) -> StudentFilter:
        """What the person chose; a value that is no choice means any."""
        self.is_valid()
        return StudentFilter(
            major=self.cleaned_data.get("major", ""),
            graduation_year=self.cleaned_data.get("graduation_year"),
            search=self.cleaned_data.get("search", ""),
            vacancy=self.cleaned_data.get("vacancy", ""),
            statuses=self._statuses,
        )

    @property
    def _statuses(self) -> Sequence[str]:
        """What the status means; without a vacancy it means nothing."""
        status = self.cleaned_data.get("status", "")
        if not status or not self.cleaned_data.get("vacancy"):
            return ()
        return OPEN_STATUSES if status == OPEN[0] else (status,)

    @property
    def query(self) -> str:
        """What the person chose as the query of an address."""
        self.is_valid()
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})

    @property
    def is_empty(self) -> bool:
        """Whether the choice means every student."""
        return self.chosen == StudentFilter()
