"""The token buckets of the simulation: as `jobs.drawing` reckons them, in simulated seconds."""

from collections.abc import Iterable
from typing import Self

from jobs.lanes import Lane
from jobs.sections import Service


class Bucket:
    """Tokens that come at `rate` a second, `burst` at the most; a draw may leave a debt."""

    def __init__(self, *, rate: float, burst: float) -> None:
        """Start with nothing saved."""
        self.rate = rate
        self.burst = burst
        self._tokens = 0.0
        self._filled_at = 0.0

    def opens_at(self, *, now: float) -> float:
        """Return when the next draw may be made; `now` when at once."""
        tokens = self._tokens_at(now)
        return now if tokens >= 0 else now - tokens / self.rate

    def draw(self, amount: float, *, now: float) -> None:
        """Take `amount` tokens; what is missing is owed and keeps the bucket closed until it is paid."""
        most = max(self.burst - amount, self.burst / 2)
        self._tokens = min(most, self._tokens_at(now)) - amount
        self._filled_at = now

    def _tokens_at(self, now: float) -> float:
        return self._tokens + self.rate * (now - self._filled_at)


class Limit:
    """Units and bytes of one lane, school or outside service."""

    def __init__(
        self,
        *,
        rate: float | None,
        burst: float | None,
        bytes_rate: float | None = None,
        bytes_burst: float | None = None,
    ) -> None:
        """Make the buckets: no rate means no limit, no burst means one second's worth."""
        self._units = _bucket(rate, burst)
        self._bytes = _bucket(bytes_rate, bytes_burst)

    @classmethod
    def of(cls, limited: Lane | Service) -> Self:
        """Return the limit of a lane or an outside service."""
        return cls(
            rate=limited.rate,
            burst=limited.burst,
            bytes_rate=limited.bytes_rate,
            bytes_burst=limited.bytes_burst,
        )

    def opens_at(self, *, now: float) -> float:
        """Return when both buckets let a piece through; `now` when at once."""
        return max((bucket.opens_at(now=now) for bucket in self._buckets()), default=now)

    def draw(self, *, units: int, bytes_: int, now: float) -> None:
        """Pay for a piece."""
        if self._units is not None:
            self._units.draw(units, now=now)
        if self._bytes is not None:
            self._bytes.draw(bytes_, now=now)

    def seconds_for(self, *, units: int, bytes_: int) -> list[float]:
        """Return how long each bucket takes to let so much through."""
        pairs = ((self._units, units), (self._bytes, bytes_))
        return [amount / bucket.rate for bucket, amount in pairs if bucket is not None]

    def _buckets(self) -> Iterable[Bucket]:
        return (bucket for bucket in (self._units, self._bytes) if bucket is not None)


def _bucket(rate: float | None, burst: float | None) -> Bucket | None:
    return None if rate is None else Bucket(rate=rate, burst=rate if burst is None else burst)
