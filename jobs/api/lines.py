"""What the API tells of what stands between a job and its next part."""

from datetime import datetime
from typing import Literal, Self

from jobs.api.answer import Answer
from jobs.hindrances import Held, Line, Reached
from jobs.models import Detour, Job
from jobs.outside import Closed, Silence

SAID_OF_LIMITS = ("what", "scope", "name", "lane", "rate", "unit", "set_by", "set_at")


class LimitOut(Answer):
    """A limit that has nothing left at this moment."""

    what: str
    """Whose it is, as a page says it."""
    scope: Literal["lane", "school", "service"]
    """Whether it is of all the lane, of each school in it, or of an outside service."""
    name: str
    """The lane's or the service's name, or the school's short name."""
    lane: str
    """Empty for a service."""
    rate: float
    """What it allows in a second."""
    unit: str
    opens_in_seconds: float
    set_by: str
    """Who set it; empty when it stands in the settings file."""
    set_at: datetime | None
    """When that was; null when it stands in the settings file."""

    @classmethod
    def of(cls, limit: Reached) -> Self:
        """Describe `limit`."""
        opens_in_seconds = round(limit.opens_in.total_seconds(), 3)
        said = {name: getattr(limit, name) for name in SAID_OF_LIMITS}
        return cls(opens_in_seconds=opens_in_seconds, **said)


class HoldOut(Answer):
    """What a person holds: nothing of it goes on, or nothing newer than it."""

    scope: Literal["lane", "kind", "school"]
    name: str
    """The lane's or the kind's name, or the school's short name."""
    mode: Literal["pause", "drain"]
    by: str
    """The person's name; empty when the person is gone."""
    why: str
    at: datetime
    until: datetime | None
    """When it is lifted at the latest; null for when a person does."""

    @classmethod
    def of(cls, hold: Held) -> Self:
        """Describe `hold`."""
        said = {name: getattr(hold, name) for name in ("scope", "name", "by", "why", "at", "until")}
        return cls(mode="drain" if hold.is_draining else "pause", **said)


class ClosedServiceOut(Answer):
    """An outside service that failed and is not asked now, but tried from time to time."""

    service: str
    """What it is: `relay`."""
    failure: str
    """How it failed the last time; a sentence."""
    is_being_tried: bool
    retry_at: datetime | None
    """When it is tried again; null while it is being tried."""

    @classmethod
    def of(cls, closed: Closed) -> Self:
        """Describe `closed`."""
        return cls(
            service=closed.service,
            failure=closed.says,
            is_being_tried=closed.retry_in is None,
            retry_at=closed.retry_at,
        )


class SilentServiceOut(Answer):
    """An outside service that has answered none of the job's parts at work."""

    called: str
    """As pages call it: `the mail relay`."""
    seconds: float
    """For how long at least."""

    @classmethod
    def of(cls, silence: Silence) -> Self:
        """Describe `silence`."""
        return cls(called=silence.called, seconds=silence.span.total_seconds())


class MovedAsideOut(Answer):
    """A job's move to the lane for slow work."""

    from_lane: str
    to_lane: str
    why: str
    at: datetime

    @classmethod
    def of(cls, job: Job) -> Self | None:
        """Describe the move of `job`, whose detour is loaded, if it is aside now."""
        detour: Detour | None = getattr(job, "detour", None)
        if detour is None or not detour.is_aside or job.has_ended:
            return None
        return cls(from_lane=detour.home, to_lane=detour.lane, why=detour.why, at=detour.moved_at)


class LineOut(Answer):
    """What stands between a job and its next part: the data behind `reason`."""

    jobs_ahead: int
    """Jobs of the school whose parts are served before."""
    schools_ahead: int
    """Other schools that the lane serves before this job's next part."""
    workers: int
    """Parts that the lane can work on at once, by the workers that are present."""
    workers_busy: int
    workers_for_other_schools: int
    school_workers: int | None
    """How many parts of one school the lane works on at once; null for no cap."""
    service_workers: int | None
    """How many parts that go to one outside service the lane works on at once; null for no cap."""
    workers_at_service: int
    """How many of them go where this job's parts go."""
    limit: LimitOut | None
    """The limit that keeps the next part back; null when none does."""
    no_worker_present: bool
    """Whether the lane has nobody to work on it; never once the job has ended."""
    hold: HoldOut | None
    """The hold of its lane, kind or school that keeps it back; null when none does."""
    closed_service: ClosedServiceOut | None
    """The outside service that its parts wait for; null when they wait for none."""
    silent_service: SilentServiceOut | None
    """The outside service that does not answer what is at work of it; null when none is."""

    @classmethod
    def of(cls, line: Line, *, has_ended: bool) -> Self:
        """Describe `line`, of a job that `has_ended` or not."""
        return cls(
            jobs_ahead=line.jobs_ahead,
            schools_ahead=line.schools_ahead,
            workers=line.slots_present,
            workers_busy=line.parts_working,
            workers_for_other_schools=line.parts_of_others,
            school_workers=line.school_workers,
            service_workers=line.service_workers,
            workers_at_service=line.parts_at_service,
            limit=LimitOut.of(line.limit) if line.limit else None,
            no_worker_present=line.slots_present == 0 and not has_ended,
            hold=HoldOut.of(line.hold) if line.hold else None,
            closed_service=ClosedServiceOut.of(line.closed) if line.closed else None,
            silent_service=SilentServiceOut.of(line.silence) if line.silence else None,
        )
