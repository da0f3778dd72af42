"""Claiming: the guarded UPDATE by which a worker takes the next part of a lane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import Prefetch, prefetch_related_objects
from psycopg2.errors import LockNotAvailable

from jobs import choosing, drawing, lifecycle
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

# A share that was waited for may have no part left, so look again for another school's, a few times: parts
# may also be in the hands of whoever pauses a job.
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
    values = {
        **choosing.values_for(lane),
        "worker": worker,
        "now": now,
        "leased_until": now + lease,
        "charge": lane.part_seconds,
        "most": most,
        "frozen_after": FROZEN_AFTER,
        "longest_wait": LONGEST_WAIT,
    }
    parts: list[Part] = []
    for statement in (choosing.SKIPPING, *[choosing.WAITING_FOR_SHARE] * MOST_WAITS):
        parts = _try(HURRY + statement, values, lane=lane, now=now)
        if parts or not _is_any_left(values):
            break
    return sorted(parts, key=lambda part: (-part.priority, part.job_id, part.pk))


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


def _is_any_left(values: Mapping[str, Any]) -> bool:
    """Say whether a part could be claimed now, if nobody else held its school's share."""
    with connection.cursor() as cursor:
        cursor.execute(choosing.IS_ANY_LEFT, values)
        return bool(cursor.fetchone()[0])


def _is_full(parts: Sequence[Part], *, lane: Lane) -> bool:
    """Say whether the school of `parts`, just claimed, had as many at work before as it may have."""
    if not parts or lane.school_workers is None:
        return False
    at_work = Part.objects.filter(lane=lane.name, school=parts[0].school_id, state=PartState.WORKING)
    return at_work.count() - len(parts) >= lane.school_workers
