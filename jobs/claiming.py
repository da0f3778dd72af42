"""Claiming: the guarded UPDATE by which a worker takes the next part of a lane."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects

from jobs import lifecycle, limits
from jobs.held import NOT_HELD, without_held
from jobs.lanes import Lane
from jobs.models import Hold, Job, Part, PartState
from jobs.settings import switchyard

# Fair by cost: of the schools with claimable parts, the one that has used the least of the lane; of
# its parts, the oldest of the highest priority. Rows that others hold are skipped, so
# that workers do not wait for each other.
SKIPPING = """
WITH chosen_share AS MATERIALIZED (
    SELECT share.id, share.school_id FROM jobs_share share
    WHERE share.lane = %(lane)s AND EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.lane = share.lane AND part.school_id = share.school_id
            AND part.state = 'waiting' AND NOT_HELD)
    ORDER BY share.used_seconds, share.id LIMIT 1 FOR UPDATE SKIP LOCKED
), chosen_part AS MATERIALIZED (
    SELECT part.id FROM jobs_part part
    WHERE part.lane = %(lane)s AND part.school_id = (SELECT school_id FROM chosen_share)
        AND part.state = 'waiting' AND NOT_HELD
    ORDER BY part.priority DESC, part.id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), charged AS (
    UPDATE jobs_share share
    SET used_seconds = share.used_seconds + (SELECT count(*) FROM chosen_part) * %(charge)s / school.weight
    FROM chosen_share, jobs_school school
    WHERE share.id = chosen_share.id AND school.id = chosen_share.school_id
)
UPDATE jobs_part part SET
    state = 'working', attempt = part.attempt + 1, fence = part.fence + 1, worker = %(worker)s,
    claimed_at = %(now)s, leased_until = %(leased_until)s
FROM chosen_part WHERE part.id = chosen_part.id
RETURNING part.*
""".replace("NOT_HELD", NOT_HELD)

# When all shares with work are held by others at this moment, wait for the first of them (a
# transaction's end, a millisecond) instead of leaving its work behind. Its last part may be gone then,
# so look again for another school's, a few times: parts may also be in the hands of whoever pauses a job.
WAITING = SKIPPING.replace("share.id LIMIT 1 FOR UPDATE SKIP LOCKED", "share.id LIMIT 1 FOR UPDATE")
MOST_WAITS = 3


class AtLimit(Exception):
    """The lane's rate allows no more at the moment."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A part that this process holds, until its lease ends or another claim raises the fence."""

    part: Part
    fence: int
    charged_seconds: float
    """Worker seconds charged to the school in advance; settled when the part ends."""


def claim(*, lane: Lane, worker: str, now: datetime) -> Claim | None:
    """Take the next part of the lane; None when none is claimable or the lane is at its limit."""
    claims = claim_many(lane=lane, worker=worker, now=now, most=1)
    return claims[0] if claims else None


def claim_many(*, lane: Lane, worker: str, now: datetime, most: int) -> list[Claim]:
    """Take the next parts of the lane, `most` at the most, all of one school and in their order."""
    try:
        parts = _take(lane=lane, worker=worker, now=now, most=most)
    except AtLimit:
        return []
    prefetch_related_objects(parts, Prefetch("job", Job.objects.select_related("school")))
    lifecycle.start([part.job for part in parts], now=now)
    return [Claim(part=part, fence=part.fence, charged_seconds=lane.part_seconds) for part in parts]


def _take(*, lane: Lane, worker: str, now: datetime, most: int) -> list[Part]:
    lease = timedelta(seconds=switchyard().supervision.lease_seconds)
    values: dict[str, str | float | datetime | list[str]] = {
        "lane": lane.name,
        "worker": worker,
        "now": now,
        "leased_until": now + lease,
        "charge": lane.part_seconds,
        "most": most,
        "vital_lanes": [lane.name] if lane.is_vital else [],
    }
    parts: list[Part] = []
    for statement in (SKIPPING, *[WAITING] * MOST_WAITS):
        # A transaction each: two that found nothing would else wait for each other's share.
        with transaction.atomic():
            parts = list(Part.objects.raw(statement, values))
            _draw(lane, parts, now=now)
        if parts or not _is_work_left(lane):
            break
    return sorted(parts, key=lambda part: (-part.priority, part.pk))


def _is_work_left(lane: Lane) -> bool:
    waiting = Part.objects.filter(lane=lane.name, state=PartState.WAITING)
    return without_held(waiting, holds=list(Hold.objects.all()), is_vital=lane.is_vital).exists()


def _draw(lane: Lane, parts: list[Part], *, now: datetime) -> None:
    if not parts or lane.rate is None:
        return
    units = sum(part.units for part in parts)
    burst = max(lane.rate * lane.part_seconds, 1)
    if not limits.draw(name=f"lane:{lane.name}", rate=lane.rate, burst=burst, units=units, now=now):
        message = f"The lane {lane.name} has done what its rate of {lane.rate:g} units a second allows now."
        raise AtLimit(message)
