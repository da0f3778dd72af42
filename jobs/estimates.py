"""The first estimate of when a job starts and ends: shares, workers and what parts took lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DurationField, F, Q, Sum, Value
from django.db.models.functions import Coalesce

from jobs.lanes import Lane
from jobs.models import Job, JobState, Part, PartState, Step

EXPERIENCE_UNITS = 20
"""How many units of the job itself the experience with its kind weighs."""
LEARNED_FROM_PARTS = 50
"""The newest finished parts of the kind that the estimate learns from."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """When a job is expected to start and end; None while nothing was learned."""

    start_at: datetime | None
    end_at: datetime | None

    def not_before(self, earliest: datetime) -> "Expected":
        """Return the same for a job that starts at `earliest` at the earliest."""
        if self.start_at is None or self.end_at is None or self.start_at >= earliest:
            return self
        return Expected(start_at=earliest, end_at=self.end_at + (earliest - self.start_at))


UNKNOWN = Expected(start_at=None, end_at=None)


def expect(job: Job, *, lane: Lane, slots: int, now: datetime) -> Expected:
    """Estimate when `job` starts and ends on the `slots` that are present.

    The school's work in the lane, up to and with this job, runs on the school's share of the slots, at
    the worker seconds that a unit takes, or at the lane's rate if that is slower. Honest limits: all
    units of a job count as equal, and retries and jobs still to come do not count.
    """
    unit_seconds = _unit_seconds(job, lane=lane, now=now)
    if unit_seconds is None or job.units_total == 0 or slots == 0:
        return UNKNOWN
    ahead, own, schools = _units(job)
    pace = unit_seconds / max(1.0, slots / max(1, schools))
    if lane.rate is not None:
        pace = max(pace, schools / lane.rate)
    start = now + timedelta(seconds=ahead * pace)
    return Expected(start_at=start, end_at=start + timedelta(seconds=own * pace))


def _unit_seconds(job: Job, *, lane: Lane, now: datetime) -> float | None:
    """Return the worker seconds of a unit: what the job itself shows, beside what its kind took lately.

    The kind's experience weighs as much as twenty units of the job, so that a job of unusual cost (large
    attachments) is told by its own pace after a few units, and one that hangs moves its end away.
    """
    usual = _usual_seconds(job, lane=lane)
    seconds, units = _own_seconds(job, now=now)
    if usual is not None:
        seconds, units = seconds + usual * EXPERIENCE_UNITS, units + EXPERIENCE_UNITS
    return seconds / units if units else None


def _usual_seconds(job: Job, *, lane: Lane) -> float | None:
    newest = Part.objects.filter(
        lane=lane.name, job__kind=job.kind, state=PartState.DONE, step=Step.WORK
    ).order_by("-ended_at")
    took = newest[:LEARNED_FROM_PARTS].values_list("seconds", "units")
    units = sum(part_units for _, part_units in took)
    return sum(part_seconds for part_seconds, _ in took) / units if units else None


def _own_seconds(job: Job, *, now: datetime) -> tuple[float, int]:
    """Return the worker seconds that the job's parts have taken, and the units that came of them."""
    at_work = Q(state=PartState.WORKING)
    figures = (
        job.parts.filter(step=Step.WORK)
        .exclude(state=PartState.RETIRED)
        .aggregate(
            seconds=Coalesce(Sum("seconds"), 0.0),
            units=Coalesce(Sum(F("units_done") + F("units_failed")), 0),
            at_work=Sum(Value(now) - F("claimed_at"), filter=at_work, output_field=DurationField()),
        )
    )
    at_work_seconds = figures["at_work"].total_seconds() if figures["at_work"] else 0.0
    return figures["seconds"] + at_work_seconds, figures["units"]


def _units(job: Job) -> tuple[int, int, int]:
    """Return the units ahead in the school's own line, the job's own units left, the schools with work."""
    units_left = F("units_total") - F("units_done") - F("units_failed")
    going = Job.objects.filter(lane=job.lane, state__in=(JobState.WAITING, JobState.WORKING))
    figures = going.aggregate(
        ahead=Coalesce(Sum(units_left, filter=Q(school_id=job.school_id, pk__lt=job.pk)), 0),
        schools=Count("school_id", distinct=True),
    )
    return figures["ahead"], job.units_total - job.units_done - job.units_failed, figures["schools"]
