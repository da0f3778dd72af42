"""How large parts may be: about the time that their lane wants, and within limits over short spans too."""

from jobs import appraising, drawing
from jobs.models import Job
from jobs.settings import switchyard

PART_SECONDS = 0.5
"""Seconds of the tightest limit that one part may use: what is claimed at once is drawn at once."""
UNKNOWN_UNIT_SECONDS = 0.1
"""What a unit is taken to cost beside its megabytes while nothing is known of such work: small parts."""
FEWEST_UNKNOWN_UNITS = 5
"""And no smaller than this, or work that is cheap after all would be cut into crumbs."""


def most_units(job: Job, *, usual: int, service: str = "", unit_bytes: int = 0) -> int:
    """Return how many units one part of `job` may hold: `usual`, or fewer; at least 1.

    Fewer where they would take longer than a part should, or where a limit is tight. `unit_bytes` is what one
    unit moves. A limit that is lowered later holds on average all the same,
    with the bursts of parts that were cut before; once one is raised or lifted, what waits is cut anew
    (`jobs.recutting`).
    """
    settings = switchyard()
    services = [settings.services[service]] if service in settings.services else []
    lane = settings.lanes[job.lane]
    slug = job.school.slug if lane.names_schools else ""
    limits = drawing.limits_on(lane, school=job.school_id, slug=slug, services=services)
    most = [
        limit.rate * PART_SECONDS / (unit_bytes if limit.counts_bytes else 1)
        for limit in limits
        if unit_bytes or not limit.counts_bytes
    ]
    return max(1, int(min([usual, _units_in_time(job), *most])))


def _units_in_time(job: Job) -> float:
    """Return for how many units the time of one part is enough, as far as it is known what they cost."""
    settings = switchyard()
    part_seconds = settings.lanes[job.lane].part_seconds
    megabytes = job.megabytes / max(1, job.units_total)
    assumed = UNKNOWN_UNIT_SECONDS + megabytes * settings.slowness.unknown_megabyte_seconds
    first = max(FEWEST_UNKNOWN_UNITS, part_seconds / assumed)
    cost = appraising.costs_of([job.kind]).get(job.kind)
    if cost is None:
        return first
    known = appraising.known_cost(cost)
    if known.unknown_megabytes(megabytes):
        return min(first, part_seconds / (known.unit_seconds * cost.lately))
    return part_seconds / (known.seconds(units=1, megabytes=megabytes) * cost.lately)
