"""What the API tells of what stands between a job and its next part."""

from typing import Self

from jobs.api.answer import Answer
from jobs.reasons import Line, Reached


class LimitOut(Answer):
    """A limit that has nothing left at this moment."""

    what: str
    """Whose it is, as a page says it."""
    rate: float
    """What it allows in a second."""
    unit: str
    opens_in_seconds: float
    set_by: str
    """Who set it; empty when it stands in the settings file."""

    @classmethod
    def of(cls, limit: Reached) -> Self:
        """Describe `limit`."""
        opens_in_seconds = round(limit.opens_in.total_seconds(), 3)
        said = {name: getattr(limit, name) for name in ("what", "rate", "unit", "set_by")}
        return cls(opens_in_seconds=opens_in_seconds, **said)


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
    limit: LimitOut | None
    """The limit that keeps the next part back; null when none does."""

    @classmethod
    def of(cls, line: Line) -> Self:
        """Describe `line`."""
        return cls(
            jobs_ahead=line.jobs_ahead,
            schools_ahead=line.schools_ahead,
            workers=line.slots_present,
            workers_busy=line.parts_working,
            workers_for_other_schools=line.parts_of_others,
            school_workers=line.school_workers,
            limit=LimitOut.of(line.limit) if line.limit else None,
        )
