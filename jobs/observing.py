"""What supervision does beside its sweeps, each in a rhythm: costs, paces, told times, incidents, canaries.

None of it is needed for work to go on, so that it never keeps a sweep waiting.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone

from jobs import canaries, lane_minutes, learning, notifying, pacing, reading, recutting, telling
from jobs.alone import only_one
from jobs.awake import AwakeClock
from jobs.duties import Duty
from jobs.settings import switchyard
from jobs.status import incidents, postmortems, sampling, subscribing
from jobs.status.outages import Watch, keep_asking

log = structlog.get_logger()

LOOK_SECONDS = 0.5
PRUNE_SECONDS = 300
OBSERVE_LOCK = 0x4F42_5345  # "OBSE": any number that nothing else in the database locks


class Rhythm:
    """Does something again after a pause."""

    def __init__(self, act: Callable[..., object], *, pause_seconds: Callable[[], float]) -> None:
        """Be due at once."""
        self._act = act
        self._pause_seconds = pause_seconds
        self._acted_at: datetime | None = None

    def take_turn(self, *, now: datetime) -> None:
        """Act when it is time."""
        pause = timedelta(seconds=self._pause_seconds())
        if self._acted_at is None or now >= self._acted_at + pause:
            self._acted_at = now
            self._act(now=now)


class Observer:
    """Learns costs, watches and tells jobs, reads depths, opens incidents, notifies, sends canaries."""

    def __init__(self) -> None:
        """Be due at once."""
        self.duty = Duty("observing")
        self.outages = Watch()
        self._rhythms = (
            Rhythm(learning.learn_costs, pause_seconds=lambda: 5),
            Rhythm(pacing.watch, pause_seconds=lambda: 4),
            Rhythm(telling.compare, pause_seconds=lambda: 3),
            Rhythm(telling.tell, pause_seconds=lambda: 2),
            Rhythm(reading.read, pause_seconds=lambda: reading.READ_SECONDS),
            Rhythm(incidents.look, pause_seconds=lambda: switchyard().status.sample_seconds),
            Rhythm(lane_minutes.note, pause_seconds=lambda: lane_minutes.NOTE_SECONDS),
            Rhythm(lane_minutes.prune, pause_seconds=lambda: PRUNE_SECONDS),
            Rhythm(notifying.hand_out, pause_seconds=lambda: 2),
            Rhythm(subscribing.spread, pause_seconds=lambda: 5),
            Rhythm(postmortems.draft_missing, pause_seconds=lambda: 10),
            Rhythm(sampling.prune, pause_seconds=lambda: PRUNE_SECONDS),
            Rhythm(canaries.Sender(began_at=timezone.now()).take_turn, pause_seconds=lambda: LOOK_SECONDS),
            Rhythm(recutting.Recutter().take_turn, pause_seconds=lambda: 1),  # at last: it may take seconds
        )

    def take_turn(self) -> None:
        """Do what is due."""
        self.outages.write_down()
        for rhythm in self._rhythms:
            rhythm.take_turn(now=timezone.now())


def keep_observing(stopping: threading.Event, *, clock: AwakeClock) -> None:
    """Take turns until `stopping` is set; of several supervisors one does, as long as it lives.

    Beside that the database is asked whether it answers, by a `clock` that another thread looks at.
    """
    observer = Observer()
    asking = threading.Thread(
        target=keep_asking,
        args=(observer.outages,),
        kwargs={"clock": clock, "stopping": stopping},
        name="asking",
        daemon=True,
    )
    asking.start()
    while not stopping.wait(LOOK_SECONDS):
        try:
            _take_turn(observer)
        except Exception:
            # Whatever it was, the next turn is the remedy; the connection may be broken.
            log.exception("not_observed")
            connection.close()
    _leave(observer)
    connection.close()
    asking.join()


def _take_turn(observer: Observer) -> None:
    with only_one(OBSERVE_LOCK) as is_ours:
        if is_ours and observer.duty.since():
            observer.take_turn()


def _leave(observer: Observer) -> None:
    try:
        observer.duty.leave()
    except DatabaseError as error:  # somebody takes over all the same, a few seconds later
        log.warning("duty_not_left", error=type(error).__name__)
