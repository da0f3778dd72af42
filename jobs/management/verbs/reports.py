"""All that the command line tells of one job: more than the API, for the people who run the platform."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.db.models import Case, IntegerField, QuerySet, Value, When

from jobs import queries
from jobs.api.answer import Answer
from jobs.api.describing import detail_of, events_of, listed, submitted
from jobs.api.schemas import EventOut, JobDetail, JobOut, SubmittedJob
from jobs.models import Attempt, Job, Part, PartState

URGENCY = (PartState.FAILED, PartState.WORKING, PartState.DELAYED, PartState.STOPPED)
"""The states of the parts that are listed first."""


class PartOut(Answer):
    """One part of a job."""

    id: int
    step: str
    state: str
    units: int
    units_done: int
    units_failed: int
    attempt: int
    deaths: int
    worker: str
    ready_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    seconds: float
    error: str

    @classmethod
    def of(cls, part: Part) -> Self:
        """Describe `part`."""
        return cls(**{name: getattr(part, name) for name in cls.model_fields})


class AttemptOut(Answer):
    """One attempt at a part that did not get it done."""

    part_id: int
    number: int
    outcome: str
    worker: str
    claimed_at: datetime
    ended_at: datetime
    error: str

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """Describe `attempt`."""
        return cls(**{name: getattr(attempt, name) for name in cls.model_fields})


class JobReport(JobDetail):
    """A job with its parts, its attempts and its history."""

    problems: list[str]
    """Why parts failed, and the first reason why units did within parts that were done."""
    parts_listed: list[PartOut]
    """Those that need attention first."""
    attempts: list[AttemptOut]
    """Newest first."""
    events: list[EventOut]


def lines_of(jobs: Sequence[Job]) -> list[JobOut]:
    """Return `jobs` as the API lists them, but with their keys as the rows have them."""
    return [told.model_copy(update={"key": job.key}) for job, told in zip(jobs, listed(jobs), strict=True)]


def submission_of(job: Job) -> SubmittedJob:
    """Return `job` as the API answers its submission, but with its key as the row has it."""
    return submitted(job).model_copy(update={"key": job.key})


def report_of(job: Job, *, most: int) -> JobReport:
    """Return all of `job`, with `most` of its parts and `most` of its attempts."""
    attempts = Attempt.objects.filter(part__job=job).order_by("-id")[:most]
    return JobReport(
        **{**detail_of(job).model_dump(), "key": job.key},
        problems=queries.problems_of(job, most=most),
        parts_listed=[PartOut.of(part) for part in _parts(job)[:most]],
        attempts=[AttemptOut.of(attempt) for attempt in attempts],
        events=events_of(job),
    )


def _parts(job: Job) -> QuerySet[Part]:
    urgency = Case(
        *(When(state=state, then=Value(rank)) for rank, state in enumerate(URGENCY)),
        default=Value(len(URGENCY)),
        output_field=IntegerField(),
    )
    return job.parts.order_by(urgency, "id")
