"""How large parts may be, so that a limit is kept over short spans too."""

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
    lane = settings.lanes[job.lane]
    limited = [settings.services[service]] if service in settings.services and not lane.is_vital else []
    rates = [lane.rate, lane.school_rate, *(each.rate for each in limited)]
    byte_rates = [lane.bytes_rate, lane.school_bytes_rate, *(each.bytes_rate for each in limited)]
    most = [rate * PART_SECONDS for rate in rates if rate is not None]
    if unit_bytes:
        most += [rate * PART_SECONDS / unit_bytes for rate in byte_rates if rate is not None]
    return max(1, int(min([usual, *most])))
