"""Reading each lane's depth every few seconds, in one process of all, and writing it down.

A count takes as long as what waits is many: 100 ms for 100,000 parts. Metrics are scraped as often as
somebody likes, so they have the newest reading and count nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min

from jobs import budgets
from jobs.budgets import LaneHealth
from jobs.held import without_held
from jobs.lanes import Lane
from jobs.models import Hold, LaneReading, Part, PartState
from jobs.settings import switchyard

READ_SECONDS = 5


def read(*, now: datetime) -> None:
    """Read all lanes of the settings at `now`, and forget those that are no more."""
    lanes = switchyard().lanes
    delayed = dict(
        Part.objects.filter(state=PartState.DELAYED).order_by().values_list("lane").annotate(Count("id"))
    )
    waiting = _waiting(lanes)
    told = budgets.health(now=now)
    readings = []
    for lane in lanes:
        parts, oldest_at = waiting.get(lane, (0, None))
        reading = LaneReading(
            lane=lane, at=now, waiting=parts, delayed=delayed.get(lane, 0), oldest_at=oldest_at
        )
        _take_down(reading, told.get(lane))
        readings.append(reading)
    with transaction.atomic():
        LaneReading.objects.all().delete()
        LaneReading.objects.bulk_create(readings)


def _waiting(lanes: Mapping[str, Lane]) -> dict[str, tuple[int, datetime]]:
    """Return by lane how many parts wait that no hold keeps back, and since when the first of them does."""
    holds = list(Hold.objects.all())
    found: dict[str, tuple[int, datetime]] = {}
    for is_vital in (True, False):
        alike = [name for name, lane in lanes.items() if lane.is_vital == is_vital]
        parts = Part.objects.filter(state=PartState.WAITING, lane__in=alike).order_by()
        free = without_held(parts, holds=holds, is_vital=is_vital)
        counted = free.values_list("lane").annotate(Count("id"), Min("ready_at"))
        found.update({lane: (number, oldest_at) for lane, number, oldest_at in counted})
    return found


def _take_down(reading: LaneReading, health: LaneHealth | None) -> None:
    reading.canary_seconds = health.newest_seconds if health else None
    reading.is_late = health.is_late if health else False
    reading.is_measured = health.is_measured if health else False
    reading.budget_left = health.budget_left if health else None
