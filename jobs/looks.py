"""Jobs at work as one look sees them, each beside what its kind usually costs."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q

from jobs import appraising
from jobs.appraising import known_cost
from jobs.costs import LEAST_SECONDS
from jobs.costs import Cost as PlainCost
from jobs.models import Cost, Job, Part, PartState
from jobs.registry import kinds
from jobs.sightings import Sighting
from jobs.slowness import Seen

MOST_JOBS = 200
"""Jobs whose pace one look notes."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One job as this look sees it."""

    job: Job
    cost: Cost
    sighting: Sighting
    has_more: bool
    """Whether parts of it wait, or are at work and go back between two units: only they can go elsewhere."""

    def beside(self, cost: PlainCost) -> Seen:
        """Return what was seen beside what it would have taken at `cost`."""
        size = self.job.megabytes / max(self.job.units_total, 1)
        unit = cost.seconds(units=1, megabytes=size)
        # A part that has reported nothing is taken to be in time until all its units should have been done.
        silent = [(age, min(age, units * unit)) for units, age in self.sighting.silent]
        expected = self.sighting.units * unit + sum(in_time for _, in_time in silent)
        return Seen(
            parts=self.sighting.parts + len(silent),
            unit_seconds=unit,
            seconds=self.sighting.seconds + sum(age for age, _ in silent),
            expected_seconds=max(expected, LEAST_SECONDS),
            is_assumed=cost.unknown_megabytes(size) > 0,
        )

    @property
    def seen(self) -> Seen:
        """What was seen beside the usual of its kind."""
        return self.beside(known_cost(self.cost))


def looks_at(seen: Mapping[int, Sighting]) -> list[Look]:
    """Return the open jobs that most was seen of, each beside what its kind usually costs."""
    most = sorted(seen, key=lambda job: (seen[job].seconds, len(seen[job].silent)), reverse=True)[:MOST_JOBS]
    parts = Part.objects.filter(job=OuterRef("pk"))
    idle = parts.filter(state__in=(PartState.WAITING, PartState.DELAYED))
    # Each is at one of its units now, and goes back when that is done.
    half_done = parts.filter(state=PartState.WORKING, units__gt=F("units_done") + F("units_failed") + 1)
    has_more = Exists(idle) | (
        Q(kind__in=[kind.name for kind in kinds() if kind.goes_on]) & Exists(half_done)
    )
    jobs = list(
        Job.objects.filter(pk__in=most, ended_at=None).annotate(
            has_more=ExpressionWrapper(has_more, output_field=BooleanField())
        )
    )
    known = appraising.costs_of(job.kind for job in jobs)
    return [
        Look(
            job=job,
            cost=known[job.kind],
            sighting=seen[job.pk],
            has_more=job.has_more,
        )
        for job in jobs
        if job.kind in known
    ]
