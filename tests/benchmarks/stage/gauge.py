"""How many are at work at this moment, counted outside both sides."""

import os
import time

import redis

SLEEP_SECONDS = 0.2


def _counter() -> redis.Redis:
    return redis.Redis.from_url(os.environ["BENCH_GAUGE_URL"])


def sleep(side: str) -> None:
    """Be counted as at work for `side`, for a fifth of a second."""
    counter = _counter()
    counter.incr(f"busy:{side}")
    try:
        time.sleep(SLEEP_SECONDS)
    finally:
        counter.decr(f"busy:{side}")
        counter.close()


class Gauge:
    """Reads how many of a side are at work."""

    def __init__(self, side: str) -> None:
        """Read those of `side`."""
        self._side = side
        self._counter = _counter()

    def read(self) -> int:
        """Return how many are at work now."""
        return int(self._counter.get(f"busy:{self._side}") or 0)

    def reaches(self, number: int) -> bool:
        """Say whether so many are at work now."""
        return self.read() >= number
