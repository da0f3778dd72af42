"""When jobs are expected to start and to end: reckoned as a fluid, corrected by how that came true before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jobs import capacities, drawing, fluid, outside
from jobs.backlogs import Backlogs, JobLeft, SchoolLeft, backlogs
from jobs.fluid import Line, Reckoned
from jobs.lanes import Lane
from jobs.lately import Lately
from jobs.models import Job, LaneTrust
from jobs.moments import UNKNOWN, Expected, Times
from jobs.presence import present_slots
from jobs.ranges import GUESS, Told, Trust
from jobs.settings import switchyard

MOST_SCHOOLS, FEWEST_SCHOOLS = 25, 5
"""Schools that are reckoned one by one; what the others have waits as if it were one school's. Where many
jobs are asked for at once, fewer."""
LONGEST = timedelta(days=365)
"""What lies farther ahead is not told."""


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """What was reckoned for one job, in seconds from now, and what is told of it."""

    lane: str
    has_begun: bool
    is_kept_back: bool
    """Whether it waits for somebody or something: then it is reckoned as if it might go on now."""
    reckoned: Reckoned
    start: Told | None
    end: Told

    def at(self, now: datetime) -> Expected:
        """Return it as moments; nothing when they are too far to be told."""
        if self.end.latest > LONGEST.total_seconds():
            return UNKNOWN
        start = _moments(self.start, now) if self.start else None
        return Expected(start=start, end=_moments(self.end, now))


def expect(
    jobs: Collection[Job], *, now: datetime, slots: Mapping[str, int] | None = None
) -> Mapping[int, Expected]:
    """Return by id what is expected of the open ones of `jobs`; a query for them, and two for each lane.

    `slots` are those that are present in the jobs' lanes, if the caller knows them: one query less.
    """
    still_open = [job for job in jobs if not job.has_ended]
    reckoned = reckon(still_open, now=now, slots=slots)
    return {job.pk: reckoned[job.pk].at(now) if job.pk in reckoned else UNKNOWN for job in still_open}


def attach_expected(jobs: Collection[Job], *, now: datetime) -> None:
    """Give each of `jobs` what is `expected` of it, for a list: a few queries for all of them, or none.

    Nothing is expected of a job that waits for its time, a person or another job.
    """
    reckoned = reckon([job for job in jobs if not job.has_ended], now=now)
    for job in jobs:
        found = reckoned.get(job.pk)
        job.expected = found.at(now) if found and not found.is_kept_back else UNKNOWN


def reckon(
    jobs: Collection[Job], *, now: datetime, slots: Mapping[str, int] | None = None
) -> Mapping[int, Reckoning]:
    """Return by id when those of `jobs` start and end of which it can be known."""
    if not jobs:
        return {}
    lanes = {job.lane for job in jobs}
    if slots is None:
        slots = present_slots(lanes, now=now)
    waiting = backlogs(lanes=lanes, jobs=jobs)
    services = {job.pk: capacities.service_of(job) for job in jobs}
    return reckon_left(waiting, slots=slots, services=services)


def reckon_left(
    waiting: Backlogs, *, slots: Mapping[str, int], services: Mapping[int, str]
) -> Mapping[int, Reckoning]:
    """Return by id when those jobs of `waiting` start and end of which it can be known.

    `slots` are those present by lane, `services` the outside service by job.
    """
    trusts = _trusts({left.lane for left in waiting.jobs})
    most = max(FEWEST_SCHOOLS, MOST_SCHOOLS // max(1, len(waiting.jobs)))
    found = {}
    for left in waiting.jobs:
        lane = switchyard().lanes[left.lane]
        of_job = {"service": services.get(left.job, ""), "slug": capacities.slug_of(left, lane=lane)}
        reckoned = _reckon(
            left, waiting, lane=lane, slots=slots.get(left.lane, 0), most_schools=most, **of_job
        )
        if reckoned is not None:
            soonest = capacities.soonest(left, lane=lane, **of_job)
            found[left.job] = _told(left, reckoned, trusts, soonest=soonest)
    return found


def _reckon(
    left: JobLeft,
    waiting: Backlogs,
    *,
    lane: Lane,
    service: str,
    slug: str,
    slots: int,
    most_schools: int,
) -> Reckoned | None:
    schools = [school for school in waiting.schools if school.lane == left.lane]
    if not left.is_known or slots == 0 or left.waits_outside or hung_on(schools, slots=slots):
        return None
    own = next((school for school in schools if school.school == left.school), None)
    others = [school for school in schools if school.school != left.school]
    part_seconds = capacities.part_seconds(schools, lane=lane)
    capacity = capacities.capacity_of(
        lane, service=service, slug=slug, slots=slots, part_seconds=part_seconds
    )
    lines = [
        _own_line(left, own, others),
        *(_line(school, schools) for school in _fewer(others, most_schools)),
    ]
    reckoned = fluid.reckon(lines, capacity=capacity)
    if reckoned is None or not _are_busy(schools, slots=slots) or left.has_begun:
        return reckoned
    # All workers have a part: the first of them is free after a share of a part's time.
    first_free = part_seconds / (slots + 1)
    wait = max(0.0, first_free - reckoned.start)
    return Reckoned(start=reckoned.start + wait, end=reckoned.end + wait)


def hung_on(schools: Sequence[SchoolLeft], *, slots: int) -> str:
    """Return the outside service whose answer all workers of the schools' lane wait for; empty for none."""
    return outside.hung(schools[0].hangs_on, at_work=schools[0].parts_at_work, slots=slots) if schools else ""


def _are_busy(schools: Sequence[SchoolLeft], *, slots: int) -> bool:
    return bool(schools) and schools[0].parts_at_work >= slots


def _own_line(left: JobLeft, own: SchoolLeft | None, others: Collection[SchoolLeft]) -> Line:
    """Return the job's school's line, as far as it matters: what is before the job, and the job."""
    loads = [load for load in (left.ahead,) if load.seconds > 0] + [left.load]
    if own is None:
        return Line(loads=loads)
    return Line(loads=loads, weight=own.weight, ahead=_ahead(own, [own, *others]))


def _line(school: SchoolLeft, all_schools: Collection[SchoolLeft]) -> Line:
    return Line(loads=[school.load], weight=school.weight, ahead=_ahead(school, all_schools))


def _ahead(school: SchoolLeft, all_schools: Collection[SchoolLeft]) -> float:
    return school.used_seconds - min(one.used_seconds for one in all_schools)


def _fewer(schools: Collection[SchoolLeft], most: int) -> list[SchoolLeft]:
    """Return the `most` schools with the most work, and all others as one."""
    by_work = sorted(schools, key=lambda school: school.load.seconds, reverse=True)
    first, rest = by_work[:most], by_work[most:]
    if not rest:
        return first
    together = fluid.Load(
        seconds=sum(school.load.seconds for school in rest),
        units=sum(school.load.units for school in rest),
        megabytes=sum(school.load.megabytes for school in rest),
        parts=sum(school.load.parts for school in rest),
    )
    weight = sum(school.weight for school in rest)
    used_seconds = min(school.used_seconds for school in rest)
    return [*first, replace(rest[0], load=together, weight=weight, used_seconds=used_seconds)]


TrustKey = tuple[str, str, bool]


def _trusts(lanes: Collection[str]) -> Mapping[TrustKey, Trust]:
    """Return what was learned under the limits that hold now."""
    return {
        (lane, row.what, row.has_begun): Trust(low=row.low, middle=row.middle, high=row.high, count=row.count)
        for lane in lanes
        for row in _learned.get(lane)
        if row.limits == drawing.limits_now(switchyard().lanes[lane])
    }


_learned = Lately(lambda lane: list(LaneTrust.objects.filter(lane=lane)))


def _told(
    left: JobLeft, reckoned: Reckoned, trusts: Mapping[TrustKey, Trust], *, soonest: Reckoned
) -> Reckoning:
    start = trusts.get((left.lane, "start", False), GUESS).told(reckoned.start).not_before(soonest.start)
    end = trusts.get((left.lane, "end", left.has_begun), GUESS).told(reckoned.end).not_before(soonest.end)
    return Reckoning(
        lane=left.lane,
        has_begun=left.has_begun,
        is_kept_back=left.is_kept_back,
        reckoned=reckoned,
        start=None if left.has_begun else start,
        end=end,
    )


def _moments(told: Told, now: datetime) -> Times:
    earliest, likely, latest = (
        now + timedelta(seconds=seconds) for seconds in (told.earliest, told.likely, told.latest)
    )
    return Times(earliest=earliest, likely=likely, latest=latest)
