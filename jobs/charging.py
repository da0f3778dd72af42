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


def account(parts: Sequence[Part], *, seconds: Sequence[float], left: Part | None = None) -> list[float]:
    """Return what each of `parts`, all of one lane, counts that took so many seconds of one worker.

    Of one part alone, what is `left` of it does not count: its next claim draws that.
    """
    limited = [_limited_seconds(part, left=left) for part in parts]
    if not any(any(spans) for spans in limited):
        return list(seconds)
    workers = slots_in(switchyard().lanes[parts[0].lane], now=timezone.now())
    return [
        accounts.counted(seconds=took, limited=spans, workers=workers)
        for took, spans in zip(seconds, limited, strict=True)
    ]


def _limited_seconds(part: Part, *, left: Part | None) -> list[float]:
    """Return how long each limit that schools share takes to let the part through."""
    settings = switchyard()
    lane = settings.lanes.get(part.lane)
    if lane is None:
        return []
    drawn = drawing.drawn([part], lane=lane, services=settings.services)
    goes_back = drawing.drawn([left] if left else [], lane=lane, services=settings.services)
    back = {limit.name: amount for limit, amount in goes_back}
    return [(amount - back.get(limit.name, 0)) / limit.rate for limit, amount in drawn if not limit.school]
