"""What supervision observes beside its sweeps: costs, paces, told times, canaries; each in its own rhythm."""

from collections.abc import Callable
from datetime import datetime, timedelta

from jobs import canaries, learning, pacing, telling
from jobs.settings import switchyard


class Rhythm:
    """Does something again after a pause."""

    def __init__(self, act: Callable[..., object], *, pause_seconds: Callable[[], float]) -> None:
        """Be due at once."""
        self._act = act
        self._pause_seconds = pause_seconds
        self._due_at: datetime | None = None

    def take_turn(self, *, now: datetime) -> None:
        """Act when it is time."""
        if self._due_at is None or now >= self._due_at:
            self._due_at = now + timedelta(seconds=self._pause_seconds())
            self._act(now=now)


class Observer:
    """Learns what kinds cost, watches how jobs get on, tells them their times, sends canaries."""

    def __init__(self) -> None:
        """Be due at once."""
        self._rhythms = (
            Rhythm(learning.learn_costs, pause_seconds=lambda: 5),
            Rhythm(pacing.watch, pause_seconds=lambda: 4),
            Rhythm(telling.compare, pause_seconds=lambda: 3),
            Rhythm(telling.tell, pause_seconds=lambda: 2),
            Rhythm(canaries.send, pause_seconds=lambda: switchyard().canary.every_seconds),
        )

    def take_turn(self, *, now: datetime) -> None:
        """Do what is due."""
        for rhythm in self._rhythms:
            rhythm.take_turn(now=now)


observer = Observer()
