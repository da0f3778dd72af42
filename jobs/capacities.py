"""What a lane can do: its workers, and the limits of the lane, its schools and the outside."""

import math
from collections.abc import Collection

from jobs import drawing
from jobs.backlogs import JobLeft, SchoolLeft
from jobs.drawing import Limit
from jobs.fluid import Capacity, Load, Reckoned
from jobs.lanes import Lane
from jobs.models import Job, School
from jobs.registry import UnknownKind, kind_named
from jobs.sections import MEGABYTE, Service
from jobs.settings import switchyard

LONGEST_PART_SECONDS = 60.0


def service_of(job: Job) -> str:
    """Return the outside service on whose limits the job draws; empty for none."""
    try:
        return kind_named(job.kind).service
    except UnknownKind:
        return ""


def part_seconds(schools: Collection[SchoolLeft], *, lane: Lane) -> float:
    """Return how long a part takes in the lane as it is now."""
    seconds = sum(school.load.seconds for school in schools)
    parts = sum(school.load.parts for school in schools)
    return min(seconds / parts, LONGEST_PART_SECONDS) if parts else lane.part_seconds


def slug_of(left: JobLeft, *, lane: Lane) -> str:
    """Return the short name of the job's school, where that may have limits of its own; else nothing."""
    if not lane.names_schools:
        return ""
    return School.objects.values_list("slug", flat=True).get(pk=left.school)


def capacity_of(lane: Lane, *, service: str, slug: str, slots: int, part_seconds: float) -> Capacity:
    """Return what the lane can do for a job of the school `slug` that draws on the limits of `service`.

    Honest limits: what other lanes draw on the service is not counted, and other schools are taken to have
    the limits of this one.
    """
    of_school = {measure: rate for measure, _, rate in lane.limits_of_school(slug)}

    def least(*rates: float | None, unit: float = 1) -> float:
        return min((rate / unit for rate in rates if rate is not None), default=math.inf)

    outside = _outside(lane, service)
    return Capacity(
        workers=min(slots, lane.service_workers or slots) if service else slots,
        part_seconds=part_seconds,
        units_rate=least(lane.rate, outside.rate if outside else None),
        megabytes_rate=least(lane.bytes_rate, outside.bytes_rate if outside else None, unit=MEGABYTE),
        school_workers=least(lane.school_workers),
        school_units_rate=least(of_school["units"]),
        school_megabytes_rate=least(of_school["bytes"], unit=MEGABYTE),
    )


def soonest(left: JobLeft, *, lane: Lane, service: str, slug: str) -> Reckoned:
    """Return when limits alone let the job begin and end, in seconds from now, however many work at it.

    What its school has in line before it comes first; it may not ask the job's service. Honest limit: the
    second's worth that a limit saves usually is not reckoned in, as no moment is told more finely.
    """
    outside = _outside(lane, service)
    starts, ends = [0.0], [0.0]
    services = [outside] if outside else []
    for limit in drawing.limits_on(lane, school=left.school, slug=slug, services=services):
        ahead = 0.0 if limit.service else _drawn(left.ahead, limit)
        starts.append(_opens_after(ahead, limit))
        ends.append(_opens_after(ahead + _drawn(left.load, limit), limit))
    return Reckoned(start=max(starts), end=max(ends))


def _outside(lane: Lane, service: str) -> Service | None:
    """Return the outside service whose limits hold in the lane; a vital lane waits for none."""
    return None if lane.is_vital else switchyard().services.get(service)


def _drawn(load: Load, limit: Limit) -> float:
    return load.megabytes * MEGABYTE if limit.counts_bytes else load.units


def _opens_after(amount: float, limit: Limit) -> float:
    saved = max(0.0, limit.burst - limit.rate)
    return max(0.0, amount - saved) / limit.rate
