"""What a lane can do: its workers, and the limits of the lane, its schools and the outside."""

import math
from collections.abc import Collection

from jobs.backlogs import SchoolLeft
from jobs.fluid import Capacity
from jobs.lanes import Lane
from jobs.models import Job
from jobs.registry import UnknownKind, kind_named
from jobs.sections import MEGABYTE
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


def capacity_of(lane: Lane, *, service: str, slots: int, part_seconds: float) -> Capacity:
    """Return what the lane can do for a job whose work draws on the limits of `service`, if that has any.

    Honest limit: what other lanes draw on the service is not counted.
    """

    def least(*rates: float | None, unit: float = 1) -> float:
        return min((rate / unit for rate in rates if rate is not None), default=math.inf)

    outside = switchyard().services.get(service)
    return Capacity(
        workers=slots,
        part_seconds=part_seconds,
        units_rate=least(lane.rate, outside.rate if outside else None),
        megabytes_rate=least(lane.bytes_rate, outside.bytes_rate if outside else None, unit=MEGABYTE),
        school_workers=least(lane.school_workers),
        school_units_rate=least(lane.school_rate),
        school_megabytes_rate=least(lane.school_bytes_rate, unit=MEGABYTE),
    )
