"""Searching jobs: by kind, state, school, person, day, and by words in the title or the errors."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from jobs.models import Job, Part, PartState, Person, School

NEWEST = 10_000
AT_ONCE = 10_000
"""Jobs that are asked for at once may have ids in another order than their moments, by so many at most.
With bounds for ids a list of a day reads the jobs of that day, and no others."""
WITH_ERRORS = (PartState.FAILED, PartState.DELAYED, PartState.STOPPED)
"""The states of parts in whose errors words are looked for."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a person looks for; what is empty is not looked at."""

    text: str = ""
    """Words in the title, the error or the error of a part, as they are written there."""
    state: str = ""
    kind: str = ""
    school: School | None = None
    submitted_by: Person | None = None
    since: date | None = None
    """The first day on which it was asked for."""
    until: date | None = None
    """The last day on which it was asked for."""

    def among(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        """Return those of `jobs` that fit.

        Honest limit: the text is looked for in the newest 10,000 jobs that fit everything else. An
        index for parts of words would make each submission and each end of a job dearer.
        """
        found = jobs.filter(**self._exact())
        if self.since is not None:
            found = _since(found, _midnight(self.since))
        if self.until is not None and self.until < date.max:
            found = _before(found, _midnight(self.until + timedelta(days=1)))
        if self.text:
            newest = found.order_by("-id").values("pk")[:NEWEST]
            told = Q(title__icontains=self.text) | Q(error__icontains=self.text)
            of_part = Part.objects.filter(
                job=OuterRef("pk"), state__in=WITH_ERRORS, error__icontains=self.text
            )
            found = jobs.filter(told | Exists(of_part), pk__in=newest)
        return found

    def _exact(self) -> dict[str, object]:
        chosen = {
            "state": self.state,
            "kind": self.kind,
            "school": self.school,
            "submitted_by": self.submitted_by,
        }
        return {name: value for name, value in chosen.items() if value}


def _since(jobs: QuerySet[Job], moment: datetime) -> QuerySet[Job]:
    first = Job.objects.filter(created_at__gte=moment).order_by("created_at").values("pk")[:1]
    return jobs.filter(created_at__gte=moment, pk__gte=Subquery(first) - AT_ONCE)


def _before(jobs: QuerySet[Job], moment: datetime) -> QuerySet[Job]:
    last = Job.objects.filter(created_at__lt=moment).order_by("-created_at").values("pk")[:1]
    return jobs.filter(created_at__lt=moment, pk__lte=Subquery(last) + AT_ONCE)


def _midnight(day: date) -> datetime:
    """Return the moment at which the day begins, in the platform's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
