"""All that programs are told of one job, and what lists tell of many."""

from collections.abc import Sequence

from django.db.models import Count
from django.utils import timezone

from jobs import counting, standings
from jobs.api.lines import LineOut, MovedAsideOut
from jobs.api.schemas import BetweenOut, EventOut, FileOut, JobDetail, JobOut, SubmittedJob
from jobs.models import Job


def detail_of(job: Job) -> JobDetail:
    """Return `job`, whose school and person are loaded, with where it stands now."""
    standing = standings.standing_of(job, now=timezone.now())
    start, end = standing.expected_start, standing.expected_end
    counted = job.parts.order_by("state").values_list("state").annotate(Count("id"))
    return JobDetail.of(
        job,
        units=standing.units,
        reason=standing.reason,
        line=LineOut.of(standing.line, has_ended=job.has_ended),
        moved_aside=MovedAsideOut.of(job),
        expected_start_at=start.likely if start else None,
        expected_start_between=BetweenOut.of(start),
        expected_end_at=end.likely if end else None,
        expected_end_between=BetweenOut.of(end),
        after=_followed_by(job),
        parts=dict(counted),
        files=[FileOut.of(stored) for stored in job.files.order_by("pk")],
    )


def listed(jobs: Sequence[Job]) -> list[JobOut]:
    """Return `jobs`, whose schools and persons are loaded, as lists show them."""
    counting.attach_units(jobs)
    return [JobOut.of(job, units=job.units) for job in jobs]


def submitted(job: Job) -> SubmittedJob:
    """Return `job`, whose school and person are loaded, as the one who submitted it is told of it."""
    counting.attach_units([job])
    return SubmittedJob.of(job, units=job.units, after=_followed_by(job))


def events_of(job: Job) -> list[EventOut]:
    """Return the history of `job`, oldest first."""
    return [EventOut.of(event) for event in job.events.select_related("by").order_by("pk")]


def _followed_by(job: Job) -> list[int]:
    """Return the ids of the jobs that `job` follows."""
    return list(job.after.order_by("pk").values_list("pk", flat=True))
