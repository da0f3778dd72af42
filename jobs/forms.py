"""The filter above the list of jobs."""

from django import forms
from django.db.models import QuerySet

from jobs.models import Job, JobState
from jobs.registry import kinds


class JobFilter(forms.Form):
    """Which jobs the list shows; an empty choice means any."""

    state = forms.ChoiceField(required=False, choices=[("", "Any state"), *JobState.choices])
    kind = forms.ChoiceField(
        required=False,
        choices=lambda: [("", "Any kind"), *((kind.name, kind.label) for kind in kinds())],
    )

    def chosen(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        """Return those of `jobs` that fit; a value that is no choice is left out."""
        self.full_clean()
        return jobs.filter(**{name: value for name, value in self.cleaned_data.items() if value})
