"""How often a token may be used: a bucket in PostgreSQL for each, drawn from by all web processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

from django.db.models import QuerySet

from jobs import limits
from jobs.models import ApiToken, Bucket
from jobs.settings import switchyard

NAME = "token:{pk}"
MINUTE_SECONDS = 60
IDLE = timedelta(hours=1)
"""A bucket that nobody drew from for so long is full, and so is one that is not there."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What is left to a token after a request."""

    most: int
    """Requests a minute, and at once after a minute of rest."""
    left: float
    """Requests that may follow now; 0 or less when this one was refused."""
    is_refused: bool

    @property
    def whole_left(self) -> int:
        """Requests that may follow now."""
        return max(0, floor(self.left))

    @property
    def full_in_seconds(self) -> int:
        """Until everything may be used again."""
        return ceil((self.most - self.left) / self._rate)

    @property
    def next_in_seconds(self) -> int:
        """Until the next request is taken; at least 1."""
        return max(1, ceil(-self.left / self._rate))

    @property
    def _rate(self) -> float:
        return self.most / MINUTE_SECONDS


def use(token: ApiToken, *, now: datetime) -> Quota:
    """Count a request with `token` and say whether it is refused; a refused one costs nothing.

    Costs one statement. The row is locked for no longer than that, unless a transaction is open.
    """
    most = switchyard().api.requests_a_minute
    name, rate = NAME.format(pk=token.pk), most / MINUTE_SECONDS
    left = limits.take(name=name, rate=rate, burst=most, units=1, now=now)
    if left is not None:
        return Quota(most=most, left=left, is_refused=False)
    bucket = Bucket.objects.get(pk=name)
    filled = bucket.tokens + rate * max(0.0, (now - bucket.filled_at).total_seconds())
    return Quota(most=most, left=min(0.0, filled), is_refused=True)


def idle(*, now: datetime) -> QuerySet[Bucket]:
    """Return the buckets of tokens that say nothing any more, for pruning."""
    return Bucket.objects.filter(name__startswith=NAME.format(pk=""), filled_at__lt=now - IDLE)
