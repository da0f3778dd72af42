"""Foreseeing: when a job would start and end if it were submitted now, before anybody decides to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from jobs import appraising, capacities, expecting, held, scaling, staffing
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
HELD = _("this kind of work is paused at the moment")
TOO_FAR = _("there is too much to do before")


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
        return Foreseen(why_unknown=str(HELD))
    waiting = backlogs(lanes=[job.lane], jobs=[])
    if hung_on := expecting.hung_on(waiting.schools, slots=slots[job.lane]):
        return _unknown(job, Line(slots_present=slots[job.lane], hang_on=hung_on))
    joined = Backlogs(jobs=[_last_in_line(job, waiting.schools, seconds=seconds)], schools=waiting.schools)
    services = {NOT_SUBMITTED: capacities.service_of(job)}
    grown = {job.lane: _grown(joined, slots=slots[job.lane], now=now)}
    reckoned = expecting.reckon_left(joined, slots=grown, services=services).get(NOT_SUBMITTED)
    expected = reckoned.at(now) if reckoned else UNKNOWN
    return Foreseen(expected=expected, why_unknown="" if expected.end else str(TOO_FAR))


def _unknown(job: Job, line: Line) -> Foreseen:
    return Foreseen(why_unknown=explain_unknown_end(line=line, units=Units(total=job.units_total)))


def _grown(joined: Backlogs, *, slots: int, now: datetime) -> int:
    """Return how many workers the lane has once it has grown for what waits and the new job, if it does.

    Within a second it has; what is asked later goes by those that are there then. Honest limit: of forked
    children, which a host without memory or processors has not, it counts on those alone that are there.
    """
    (new,) = joined.jobs
    lane = switchyard().lanes[new.lane]
    if lane.most_workers is None or lane.pool != "threads":
        return slots
    at_work = joined.schools[0].parts_at_work if joined.schools else 0
    loads = [new.load, *(school.load for school in joined.schools)]
    parts = sum(load.parts for load in loads)
    load = scaling.Load(
        waiting=max(0, math.ceil(parts) - at_work),
        working=min(slots, at_work),
        oldest_seconds=0,
        part_seconds=sum(load.seconds for load in loads) / parts,
        promise_seconds=lane.promise_seconds,
    )
    needed = scaling.needed(load)
    return max(slots, min(needed, staffing.may_have(lane, now=now))) if needed > slots else slots


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
