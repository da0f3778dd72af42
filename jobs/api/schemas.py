"""What the API answers; the command line prints the same with --json."""

from datetime import datetime
from typing import Any, Self

from jobs.api.answer import Answer
from jobs.api.lines import LineOut, MovedAsideOut
from jobs.keys import own_key
from jobs.models import Job, JobEvent, JobState, StoredFile
from jobs.moments import Times
from jobs.registry import Kind, unit_of
from jobs.units import Units


class KindOut(Answer):
    """A kind that programs can ask for."""

    name: str
    label: str
    unit: str
    arguments: dict[str, Any]
    """The JSON Schema of the arguments."""
    retry: str
    """What a retry does with a job of the kind: some do again what is left, some all of it."""

    @classmethod
    def of(cls, kind: Kind) -> Self:
        """Describe `kind`."""
        schema = kind.api_arguments.model_json_schema() if kind.api_arguments else {}
        return cls(
            name=kind.name, label=str(kind.label), unit=kind.unit, arguments=schema, retry=kind.retry_effect
        )


class KindsOut(Answer):
    """The kinds that programs can ask for."""

    kinds: list[KindOut]


class UnitsOut(Answer):
    """How many units of a job there are, in the kind's own unit."""

    unit: str
    total: int
    done: int
    failed: int
    """Surely not done."""
    uncertain: int
    """Begun, and nobody knows whether they were done."""
    skipped: int
    """Left out, because they turned out not to be wanted: mails to people who have unsubscribed."""


TAKEN_AS_IT_IS = (
    *("id", "kind", "lane", "state", "priority", "error"),
    *("created_at", "not_before_at", "started_at", "ended_at", "deadline_at"),
)
"""What an answer has from a job's row without a change."""


class JobOut(Answer):
    """A job as lists show it."""

    id: int
    school: str
    """The school's short name."""
    kind: str
    key: str | None
    """The Idempotency-Key of a job of this API; null for any other."""
    title: str
    lane: str
    state: JobState
    priority: int
    units: UnitsOut
    submitted_by: str | None
    """The person, or who made the token of the program; null for neither."""
    program: str | None
    """The name of the token by which a program asked for it; null when none did."""
    error: str
    """A sentence when the job needs attention, else empty."""
    created_at: datetime
    not_before_at: datetime | None
    """When it may start, as it was asked for; null for at once."""
    started_at: datetime | None
    ended_at: datetime | None
    deadline_at: datetime | None
    """When what is left of it fails; null for never."""

    @classmethod
    def of(cls, job: Job, *, units: Units, **more: Any) -> Self:
        """Describe `job`, whose school and person are loaded, with its `units` as they were counted."""
        told = UnitsOut(
            unit=unit_of(job.kind),
            total=units.total,
            done=units.done,
            failed=units.failed,
            uncertain=units.uncertain,
            skipped=units.skipped,
        )
        taken = {name: getattr(job, name) for name in TAKEN_AS_IT_IS}
        named: dict[str, Any] = {
            "key": own_key(job),
            "title": str(job),
            "school": job.school.slug,
            "units": told,
            "submitted_by": job.submitted_by.name if job.submitted_by else None,
            "program": job.program or None,
        }
        return cls(**taken, **named, **more)


class SubmittedJob(JobOut):
    """A job as a submission answers it."""

    after: list[int]
    """Ids of the jobs that it follows."""


class JobsOut(Answer):
    """A page of jobs, newest first."""

    jobs: list[JobOut]
    next: str | None
    """The `cursor` of the next page; null when this is the last."""


class FileOut(Answer):
    """A result file; `GET /files/{id}` hands it out."""

    id: int
    name: str
    media_type: str
    size: int
    """Bytes."""

    @classmethod
    def of(cls, stored: StoredFile) -> Self:
        """Describe `stored`."""
        return cls(id=stored.pk, name=stored.name, media_type=stored.media_type, size=stored.size)


class BetweenOut(Answer):
    """The range of an expected time: four of five come true within."""

    earliest: datetime
    latest: datetime

    @classmethod
    def of(cls, times: Times | None) -> Self | None:
        """Describe the range of `times`, if anything is expected."""
        return cls(earliest=times.earliest, latest=times.latest) if times else None


class JobDetail(SubmittedJob):
    """A job with where it stands."""

    reason: str
    """Why it waits, what happens now, how it was stopped, or what it lacks; else empty."""
    line: LineOut
    moved_aside: MovedAsideOut | None
    """Its move to the lane for slow work; null unless it is there now."""
    expected_start_at: datetime | None
    """Null when it has started, or too little is known of its kind."""
    expected_start_between: BetweenOut | None
    expected_end_at: datetime | None
    expected_end_between: BetweenOut | None
    parts: dict[str, int]
    """How many parts are in each state."""
    files: list[FileOut]


class ChangedJob(JobDetail):
    """A job as a change of it answers it."""

    effects: list[str]
    """What the change did to jobs that follow it and to its deadline, as sentences; mostly empty."""


class EventOut(Answer):
    """One change of a job."""

    at: datetime
    what: str
    by: str | None
    """The person, or who made the token of the program; null for neither."""
    program: str | None
    """The name of the token by which a program did it; null when none did."""
    why: str

    @classmethod
    def of(cls, event: JobEvent) -> Self:
        """Describe `event`, whose person is loaded."""
        by = event.by.name if event.by else None
        return cls(at=event.at, what=event.what, by=by, program=event.program or None, why=event.why)


class EventsOut(Answer):
    """The history of a job, oldest first."""

    events: list[EventOut]


class WrongFieldOut(Answer):
    """One field that cannot be used."""

    field: str
    """Its path, as in `arguments.students`."""
    detail: str


class ProblemOut(Answer):
    """What went wrong, as RFC 9457 says it, with what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    errors: list[WrongFieldOut]
    """The fields that cannot be used, if that is what went wrong."""
