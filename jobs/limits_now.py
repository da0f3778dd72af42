"""What the limits that all schools share have left now, and who set them, for the operations page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs import drawing, versions
from jobs.drawing import Limit
from jobs.models import Bucket
from jobs.settings import switchyard
from jobs.versions import Origin


@dataclass(frozen=True, kw_only=True)
class LimitNow:
    """A limit of a lane or an outside service as it is now."""

    limit: Limit
    left: float | None
    """Units or bytes that may go at once, 0 while it is used up; None while nothing ever drew on it."""
    opens_in: timedelta | None
    """Time until it lets the next part through; None while it is open."""
    origin: Origin | None
    """Who set it, and when; None where it stands in the settings file."""

    @property
    def unit(self) -> str:
        """What it counts."""
        return "bytes" if self.limit.counts_bytes else "units"


def shared_limits(*, now: datetime) -> list[LimitNow]:
    """Return the limits of outside services, then of lanes; two queries if there are any."""
    limits = list(_shared())
    if not limits:
        return []
    buckets, origins = Bucket.objects.in_bulk([limit.name for limit in limits]), versions.origins()
    return [
        _now(limit, bucket=buckets.get(limit.name), origin=origins.get(limit.path), now=now)
        for limit in limits
    ]


def _shared() -> Iterator[Limit]:
    settings = switchyard()
    for service in settings.services.values():
        yield from drawing.limits_of(service)
    for lane in settings.lanes.values():
        yield from drawing.limits_on(lane, school=None, services=())


def _now(limit: Limit, *, bucket: Bucket | None, origin: Origin | None, now: datetime) -> LimitNow:
    if bucket is None:
        return LimitNow(limit=limit, left=None, opens_in=None, origin=origin)
    elapsed = max(0.0, (now - bucket.filled_at).total_seconds())
    left = min(limit.burst, bucket.tokens + limit.rate * elapsed)
    opens_in = timedelta(seconds=-left / limit.rate) if left < 0 else None
    return LimitNow(limit=limit, left=max(0.0, left), opens_in=opens_in, origin=origin)
