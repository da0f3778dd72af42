"""Foreseeing: when a job would start and end if it were submitted now, before anybody decides to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs import appraising, capacities, expecting, held
from jobs.backlogs import Backlogs, JobLeft, SchoolLeft, backlogs
from jobs.drafting import Request, draft
from jobs.fluid import Load
from jobs.hindrances import Line
from jobs.models import Job
from jobs.moments import UNKNOWN, Expected
from jobs.presence import present_slots
from jobs.reasons import explain_unknown_end
from jobs.settings import switchyard
from jobs.units import Units

NOT_SUBMITTED = 0
"""Stands for the id that the job does not have."""
NO_LOAD = Load(seconds=0)
HELD = "this kind of work is paused at the moment"
TOO_FAR = "there is too much to do before"


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """When a job would start and end."""

    expected: Expected = UNKNOWN
    why_unknown: str = ""
    """Why no time can be told, as half a sentence; empty when one can."""


def foresee(request: Request, *, now: datetime) -> Foreseen:
    """Return when the job of `request` would start and end if it were submitted at `now`; nothing is written.

    Honest limits: it takes its place behind all that its school has in the lane, whatever the priorities,
    and what the request says of times and of jobs to follow is not looked at.

    Raises:
        UnknownKind, WrongArguments, UnknownSize, NoRoute: as `jobs.submission.submit_many`.
    """
    job = draft(request, now=now)
    cost = appraising.costs_of([job.kind]).get(job.kind)
    seconds = appraising.appraise(cost, units=job.units_total, megabytes=job.megabytes).seconds
    slots = present_slots([job.lane], now=now)
    if seconds is None or not slots:
        return _unknown(job, Line(slots_present=slots.get(job.lane, 0)))
    if held.holds_new(job, is_vital=switchyard().lanes[job.lane].is_vital):
        return Foreseen(why_unknown=HELD)
    waiting = backlogs(lanes=[job.lane], jobs=[])
    if hung_on := expecting.hung_on(waiting.schools, slots=slots[job.lane]):
        return _unknown(job, Line(slots_present=slots[job.lane], hang_on=hung_on))
    joined = Backlogs(jobs=[_last_in_line(job, waiting.schools, seconds=seconds)], schools=waiting.schools)
    services = {NOT_SUBMITTED: capacities.service_of(job)}
    reckoned = expecting.reckon_left(joined, slots=slots, services=services).get(NOT_SUBMITTED)
    expected = reckoned.at(now) if reckoned else UNKNOWN
    return Foreseen(expected=expected, why_unknown="" if expected.end else TOO_FAR)


def _unknown(job: Job, line: Line) -> Foreseen:
    return Foreseen(why_unknown=explain_unknown_end(line=line, units=Units(total=job.units_total)))


def _last_in_line(job: Job, schools: Sequence[SchoolLeft], *, seconds: float) -> JobLeft:
    own = next((school.load for school in schools if school.school == job.school_id), NO_LOAD)
    part_seconds = switchyard().lanes[job.lane].part_seconds
    parts = max(1.0, seconds / part_seconds)
    return JobLeft(
        job=NOT_SUBMITTED,
        lane=job.lane,
        school=job.school_id,
        is_known=True,
        has_begun=False,
        is_kept_back=False,
        load=Load(seconds=seconds, units=job.units_total, megabytes=job.megabytes, parts=parts),
        ahead=own,
    )
