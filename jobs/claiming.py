"""Claiming: the guarded UPDATE by which a worker takes the next part of a lane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import OperationalError, transaction
from django.db.models import Prefetch, prefetch_related_objects
from psycopg2.errors import LockNotAvailable

from jobs import drawing, lifecycle
from jobs.claimable import claimable
from jobs.held import NOT_HELD
from jobs.lanes import Lane
from jobs.models import Job, Part, PartState
from jobs.settings import switchyard

log = structlog.get_logger()

# Everybody waits for the row that a claim locks. Who was stopped with it in hand loses it after a while, and
# who waits for one that is kept too long leaves it to supervision to ring again.
HURRY = """
SET LOCAL idle_in_transaction_session_timeout = %(frozen_after)s;
SET LOCAL lock_timeout = %(longest_wait)s;
"""
FROZEN_AFTER, LONGEST_WAIT = "5s", "2s"

# A condition on `part`: its outside service takes more. The list is reckoned once for each statement, and
# the index part_to_serve finds a part of an open service without reading those of the closed ones.
IS_OPEN = """(%(services)s::text[] = '{}' OR part.service = ANY (ARRAY(
    SELECT unnest(%(services)s::text[])
    EXCEPT SELECT closed.service FROM closed WHERE closed.service <> '')))"""

# Fair by cost: of the schools with claimable parts that no limit and no cap holds back, the one that has
# used the least of the lane; of its parts, the oldest of the highest priority. Rows that others hold are
# skipped, so that workers do not wait for each other. A limit that is in debt is closed, and whoever it
# does not concern goes on. Schools are barred before their parts, however many, are read.
SKIPPING = (
    """
WITH closed AS MATERIALIZED (
    SELECT bucket.school_id, bucket.service FROM jobs_bucket bucket
    WHERE (bucket.lane = %(lane)s OR (bucket.service <> '' AND bucket.service = ANY(%(services)s::text[])))
        AND IN_DEBT
), barred AS MATERIALIZED (
    SELECT closed.school_id FROM closed WHERE closed.service = '' AND closed.school_id IS NOT NULL
    UNION ALL
    SELECT hold.school_id FROM jobs_hold hold
    WHERE hold.scope = 'school' AND hold.mode = 'pause' AND NOT %(lane)s = ANY(%(vital_lanes)s::text[])
    UNION ALL
    SELECT busy.school_id FROM jobs_part busy
    WHERE busy.lane = %(lane)s AND busy.state = 'working' AND %(school_workers)s IS NOT NULL
    GROUP BY busy.school_id HAVING count(*) >= %(school_workers)s
), chosen_share AS MATERIALIZED (
    SELECT share.id, share.school_id FROM jobs_share share
    WHERE share.lane = %(lane)s
        AND NOT EXISTS (SELECT 1 FROM closed WHERE closed.service = '' AND closed.school_id IS NULL)
        AND NOT share.school_id = ANY (ARRAY(SELECT barred.school_id FROM barred))
        AND EXISTS (
            SELECT 1 FROM jobs_part part
            WHERE part.lane = share.lane AND part.school_id = share.school_id
                AND part.state = 'waiting' AND IS_OPEN AND NOT_HELD)
    ORDER BY share.used_seconds, share.id LIMIT 1 FOR UPDATE SKIP LOCKED
), chosen_part AS MATERIALIZED (
    SELECT part.id FROM jobs_part part
    WHERE part.lane = %(lane)s AND part.school_id = (SELECT school_id FROM chosen_share)
        AND part.state = 'waiting' AND IS_OPEN AND NOT_HELD
    ORDER BY part.priority DESC, part.id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), charged AS (
    UPDATE jobs_share share
    SET used_seconds = share.used_seconds + (SELECT count(*) FROM chosen_part) * %(charge)s / school.weight
    FROM chosen_share, jobs_school school
    WHERE share.id = chosen_share.id AND school.id = chosen_share.school_id
)
UPDATE jobs_part part SET
    state = 'working', attempt = part.attempt + 1, fence = part.fence + 1, worker = %(worker)s,
    claimed_at = %(now)s, leased_until = %(leased_until)s, worked_seconds = 0
FROM chosen_part WHERE part.id = chosen_part.id
RETURNING part.*
""".replace("IN_DEBT", drawing.IN_DEBT)
    .replace("NOT_HELD", NOT_HELD)
    .replace("IS_OPEN", IS_OPEN)
)

# When all shares with work are held by others at this moment, wait for the first of them (a
# transaction's end, a millisecond) instead of leaving its work behind. Its last part may be gone then,
# so look again for another school's, a few times: parts may also be in the hands of whoever pauses a job.
WAITING = SKIPPING.replace("share.id LIMIT 1 FOR UPDATE SKIP LOCKED", "share.id LIMIT 1 FOR UPDATE")
MOST_WAITS = 3


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
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        log.warning("claim_waited_too_long", lane=lane.name)
        return []
    prefetch_related_objects(parts, Prefetch("job", Job.objects.select_related("school")))
    lifecycle.start([part.job for part in parts], now=now)
    return [Claim(part=part, fence=part.fence, charged_seconds=lane.part_seconds) for part in parts]


def _take(*, lane: Lane, worker: str, now: datetime, most: int) -> list[Part]:
    lease = timedelta(seconds=switchyard().supervision.lease_seconds)
    values: dict[str, str | float | datetime | list[str] | None] = {
        "lane": lane.name,
        "worker": worker,
        "now": now,
        "leased_until": now + lease,
        "charge": lane.part_seconds,
        "most": most,
        "school_workers": lane.school_workers,
        "services": drawing.open_services(lane),
        "vital_lanes": [lane.name] if lane.is_vital else [],
        "frozen_after": FROZEN_AFTER,
        "longest_wait": LONGEST_WAIT,
    }
    parts: list[Part] = []
    for statement in (SKIPPING, *[WAITING] * MOST_WAITS):
        parts = _try(HURRY + statement, values, lane=lane, now=now)
        if parts or not claimable(lane=lane, now=now).exists():
            break
    return sorted(parts, key=lambda part: (-part.priority, part.pk))


def _try(statement: str, values: Mapping[str, Any], *, lane: Lane, now: datetime) -> list[Part]:
    """Take parts in a transaction of its own: two that found nothing would else wait for each other's share.

    A statement sees limits and caps as they were when it began, also if it waited since. So what it took goes
    back if others have closed a limit or filled a cap meanwhile.
    """
    with transaction.atomic():
        parts = list(Part.objects.raw(statement, values))
        if _is_full(parts, lane=lane) or not drawing.pay(
            parts, lane=lane, services=switchyard().services, now=now
        ):
            transaction.set_rollback(True)
            return []
    return parts


def _is_full(parts: Sequence[Part], *, lane: Lane) -> bool:
    """Say whether the school of `parts`, just claimed, had as many at work before as it may have."""
    if not parts or lane.school_workers is None:
        return False
    at_work = Part.objects.filter(lane=lane.name, school=parts[0].school_id, state=PartState.WORKING)
    return at_work.count() - len(parts) >= lane.school_workers
