"""Charging schools for parts that were claimed: see `jobs.accounts`.

Honest limits: what other lanes draw on a service's limit is not known here, and until it ends a part is
charged the time that the lane wants for a part.
"""

from collections.abc import Sequence

from django.utils import timezone

from jobs import accounts, drawing
from jobs.models import Part
from jobs.presence import slots_in
from jobs.settings import switchyard


def account(parts: Sequence[Part], *, seconds: Sequence[float]) -> list[float]:
    """Return what each of `parts`, all of one lane, counts that took so many seconds of one worker."""
    limited = [_limited_seconds(part) for part in parts]
    if not any(any(spans) for spans in limited):
        return list(seconds)
    workers = slots_in(switchyard().lanes[parts[0].lane], now=timezone.now())
    return [
        accounts.counted(seconds=took, limited=spans, workers=workers)
        for took, spans in zip(seconds, limited, strict=True)
    ]


def _limited_seconds(part: Part) -> list[float]:
    """Return how long each limit that schools share takes to let the part through."""
    settings = switchyard()
    lane = settings.lanes.get(part.lane)
    if lane is None:
        return []
    drawn = drawing.drawn([part], lane=lane, services=settings.services)
    return [amount / limit.rate for limit, amount in drawn if not limit.school]
