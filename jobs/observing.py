"""What supervision observes beside its sweeps: costs, paces, told times; each in its own rhythm."""

from collections.abc import Callable
from datetime import datetime, timedelta

from jobs import learning, pacing, telling


class Rhythm:
    """Does something again after a pause."""

    def __init__(self, act: Callable[..., object], *, pause: timedelta) -> None:
        """Be due at once."""
        self._act = act
        self._pause = pause
        self._due_at: datetime | None = None

    def take_turn(self, *, now: datetime) -> None:
        """Act when it is time."""
        if self._due_at is None or now >= self._due_at:
            self._due_at = now + self._pause
            self._act(now=now)


class Observer:
    """Learns what kinds cost, watches how jobs get on, tells them their times."""

    def __init__(self) -> None:
        """Be due at once."""
        self._rhythms = (
            Rhythm(learning.learn_costs, pause=timedelta(seconds=5)),
            Rhythm(pacing.watch, pause=timedelta(seconds=4)),
            Rhythm(telling.compare, pause=timedelta(seconds=3)),
            Rhythm(telling.tell, pause=timedelta(seconds=2)),
        )

    def take_turn(self, *, now: datetime) -> None:
        """Do what is due."""
        for rhythm in self._rhythms:
            rhythm.take_turn(now=now)


observer = Observer()
