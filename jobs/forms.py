"""The filters above the lists of jobs and of students."""

from typing import cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from jobs.directory import StudentFilter, directory
from jobs.models import Job, JobState, Person
from jobs.queries import listed_kinds


class JobFilter(forms.Form):
    """Which jobs the list shows; an empty choice means any."""

    state = forms.ChoiceField(required=False, choices=[("", "Any state"), *JobState.choices])
    kind = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict, *, person: Person) -> None:
        """Offer the kinds that `person` may look for."""
        super().__init__(data)
        kinds = [(kind.name, kind.label) for kind in listed_kinds(person)]
        cast("forms.ChoiceField", self.fields["kind"]).choices = [("", "Any kind"), *kinds]

    def chosen(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        """Return those of `jobs` that fit; a value that is no choice is left out."""
        self.full_clean()
        return jobs.filter(**{name: value for name, value in self.cleaned_data.items() if value})


class StudentFilterForm(forms.Form):
    """Which students the page lists; an empty field means any."""

    major = forms.ChoiceField(required=False)
    graduation_year = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    search = forms.CharField(
        required=False,
        max_length=100,
        label="Name, e-mail or number",
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    def __init__(self, data: QueryDict, *, school_id: int) -> None:
        """Offer the majors and years that occur in the school."""
        super().__init__(data, auto_id="filter_%s")
        majors = directory().majors(school_id=school_id)
        years = directory().graduation_years(school_id=school_id)
        self._offer("major", ("", "Any major"), *((major, major) for major in majors))
        self._offer(
            "graduation_year", ("", "Any year"), *((str(year), str(year)) for year in reversed(years))
        )

    def _offer(self, name: str, *choices: tuple[str, str]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    @property
    def chosen(self) -> StudentFilter:
        """What the person chose; a value that is no choice means any."""
        self.is_valid()
        return StudentFilter(
            major=self.cleaned_data.get("major", ""),
            graduation_year=self.cleaned_data.get("graduation_year"),
            search=self.cleaned_data.get("search", ""),
        )

    @property
    def is_empty(self) -> bool:
        """Whether the choice means every student."""
        return self.chosen == StudentFilter()
