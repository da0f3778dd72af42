"""Watching an outside service that hangs: when its breaker opens, and how many slots hang in it."""

import threading
import time
from types import TracebackType
from typing import Self

from django.db import connection
from django.utils import timezone

from jobs.models import Attempt, Breaker, BreakerState, Part, PartState
from tests.benchmarks.stage.replay.measures import Figures
from tests.benchmarks.stage.replay.world import World

LOOK_SECONDS = 0.02


class Watch:
    """Looks at the breaker and the slots of a lane on and on, from a thread of its own."""

    def __init__(self, world: World, *, service: str, lane: str, silent: str) -> None:
        """Watch breakers whose name begins with `service`; `silent` is the outside's count of hung calls."""
        self._world, self._service, self._lane, self._silent = world, service, lane, silent
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._began_at = timezone.now()
        self._calls_before = 0
        self._busy: list[int] = []
        """Slots at work at each look since the breaker opened."""
        self._opened: Figures = {}

    def __enter__(self) -> Self:
        """Begin; the outside is to fall silent just after."""
        self._began_at = timezone.now()
        self._calls_before = self._world.outside()[self._silent]
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        """End."""
        self._stopping.set()
        self._thread.join()

    def told(self) -> Figures:
        """Return what was seen."""
        attempts = Attempt.objects.filter(part__lane=self._lane, claimed_at__gte=self._began_at)
        held = [
            (ended - claimed).total_seconds()
            for claimed, ended in attempts.values_list("claimed_at", "ended_at")
        ]
        return {
            **(self._opened or {"breaker_opened_after_seconds": None}),
            "hung_calls_in_all": self._world.outside()[self._silent] - self._calls_before,
            "slot_held_at_most_seconds": round(max(held, default=0), 1),
            "slots_busy_once_open": round(sum(self._busy) / len(self._busy), 2) if self._busy else None,
        }

    def _run(self) -> None:
        try:
            while not self._stopping.wait(LOOK_SECONDS):
                self._look()
        finally:
            connection.close()

    def _look(self) -> None:
        if self._opened:
            self._busy.append(Part.objects.filter(lane=self._lane, state=PartState.WORKING).count())
            return
        opened = Breaker.objects.filter(name__startswith=self._service, state=BreakerState.OPEN).first()
        if opened is None:
            return
        self._opened = {
            "breaker_opened_after_seconds": round(time.time() - self._began_at.timestamp(), 1),
            "hung_calls_until_open": opened.failures,
            "hung_calls_begun_until_open": self._world.outside()[self._silent] - self._calls_before,
        }
