"""How large parts may be, so that a limit is kept over short spans too."""

from jobs import drawing
from jobs.models import Job
from jobs.settings import switchyard

PART_SECONDS = 0.5
"""Seconds of the tightest limit that one part may use: what is claimed at once is drawn at once."""


def most_units(job: Job, *, usual: int, service: str = "", unit_bytes: int = 0) -> int:
    """Return how many units one part of `job` may hold: `usual`, or fewer where a limit is tight; at least 1.

    `unit_bytes` is what one unit moves. A limit that is lowered later holds on average all the same,
    with the bursts of parts that were cut before.
    """
    settings = switchyard()
    services = [settings.services[service]] if service in settings.services else []
    limits = drawing.limits_on(settings.lanes[job.lane], school=job.school_id, services=services)
    most = [
        limit.rate * PART_SECONDS / (unit_bytes if limit.counts_bytes else 1)
        for limit in limits
        if unit_bytes or not limit.counts_bytes
    ]
    return max(1, int(min([usual, *most])))
