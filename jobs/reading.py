"""Reading each lane's depth every few seconds, in one process of all, and writing it down.

A count takes as long as what waits is many: 100 ms for 100,000 parts. Metrics are scraped as often as
somebody likes, so they have the newest reading and count nothing.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Count

from jobs import budgets
from jobs.budgets import LaneHealth
from jobs.held import free_waiting
from jobs.models import Hold, LaneReading, Part, PartState
from jobs.settings import switchyard

READ_SECONDS = 5


def read(*, now: datetime) -> None:
    """Read all lanes of the settings at `now`, and forget those that are no more."""
    lanes = switchyard().lanes
    delayed = dict(
        Part.objects.filter(state=PartState.DELAYED).order_by().values_list("lane").annotate(Count("id"))
    )
    waiting = free_waiting(lanes, holds=list(Hold.objects.all()))
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


def _take_down(reading: LaneReading, health: LaneHealth | None) -> None:
    reading.canary_seconds = health.newest_seconds if health else None
    reading.is_late = health.is_late if health else False
    reading.is_measured = health.is_measured if health else False
    reading.budget_left = health.budget_left if health else None
