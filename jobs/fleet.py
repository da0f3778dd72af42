"""The fleet of this machine: its crew of workers, and sweeps beside it that go on whatever happens."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone

from jobs import rounds
from jobs.awake import AwakeClock
from jobs.crew import DRAIN_SECONDS, Crew
from jobs.hosting import processes_here
from jobs.lanes import PoolType
from jobs.models import WorkerPresence
from jobs.observing import Rhythm, keep_observing
from jobs.presence import BEAT_SECONDS
from jobs.reckoning import Staffing
from jobs.ringing import Openings
from jobs.roster import Roster, leave, note_end
from jobs.settings import switchyard
from jobs.supervision import free_parts_of, sweep
from jobs.watchdog import Watchdog

log = structlog.get_logger()

LOOK_SECONDS = 0.2
SCALE_SECONDS = 0.5
"""The time between two looks at what waits, for lanes that grow by themselves: a burst is seen so soon."""
SWEEP_SECONDS = 0.1
"""What a sweep that is still under way when the workers have ended gets to end."""
FREE_SECONDS = 0.5
"""What it may take to offer the parts of killed workers again; else that waits for their leases."""
ENDS_WITHIN_SECONDS = DRAIN_SECONDS + SWEEP_SECONDS + FREE_SECONDS + 0.3
"""After which a supervisor that was asked to end has ended, whatever keeps it."""


def supervise(
    *,
    crew: Crew,
    stopping: threading.Event,
    sweeps: bool = True,
    tell_alive: Callable[[], object] = lambda: None,
    watchdog: Watchdog | None = None,
) -> None:
    """Sweep and tend `crew` until `stopping` is set; then let the workers finish for a while.

    Where an error of our own ends us, the workers go on, as after a kill: the next supervisor adopts them.

    The sweeps run in a thread of their own: they wait for database and broker, the crew must not. So does
    what is observed: it reckons for long where much waits, and no sweep must. Without `sweeps` only the crew
    is tended, and what its workers left is offered again.

    `tell_alive` is called at each look once the first sweep was done and all workers have been present, while
    they live. A database that goes away later changes nothing of that: no other process would do better.
    `watchdog` is told at each look that we get on, whatever our workers do.
    """
    watchdog = watchdog or Watchdog()
    crew.want(_pools())
    started = threading.Event()
    turns = Sweeps() if sweeps else None
    arguments = (crew, stopping, turns, started)
    following = threading.Thread(target=_keep_following, args=arguments, name="sweeps", daemon=True)
    following.start()
    clock = AwakeClock()
    if sweeps:
        _start_observing(stopping, clock=clock)
    log.info("supervising", workers=[post.name for post in crew.posts], sweeps=sweeps)
    try:
        while not stopping.wait(LOOK_SECONDS):
            crew.tend(now=time.monotonic())
            watchdog.tell()
            clock.seconds()
            if started.is_set() and following.is_alive() and crew.is_complete:
                tell_alive()
    finally:
        stopping.set()
    crew.drain(seconds=DRAIN_SECONDS)
    following.join(timeout=SWEEP_SECONDS)
    # It has a connection of its own, so that whoever ends us need not wait for a database that hangs.
    freeing = threading.Thread(target=_free_at_the_end, args=(crew, turns), name="freeing", daemon=True)
    freeing.start()
    freeing.join(timeout=FREE_SECONDS)


def _start_observing(stopping: threading.Event, *, clock: AwakeClock) -> None:
    watched = {"clock": clock}
    threading.Thread(
        target=keep_observing, args=(stopping,), kwargs=watched, name="observing", daemon=True
    ).start()
    if rounds.offered():
        threading.Thread(
            target=rounds.keep_making_rounds, args=(stopping,), name="rounds", daemon=True
        ).start()


class Sweeps:
    """The looks at all lanes, each in its own rhythm."""

    def __init__(self) -> None:
        """Be due at once."""
        self._sweep_at = time.monotonic()
        self._openings = Openings()
        self._staffing = Staffing()
        self._scaling = Rhythm(self._staffing.take_turn, pause_seconds=lambda: SCALE_SECONDS)

    def take_turn(self) -> None:
        """Do what is due."""
        self._openings.ring(now=timezone.now())
        self._scaling.take_turn(now=timezone.now())
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + switchyard().supervision.sweep_seconds
            sweep(now=timezone.now())

    def leave(self) -> None:
        """Let another supervisor go on at once with what one does as long as it lives."""
        self._staffing.leave()


def _keep_following(
    crew: Crew, stopping: threading.Event, sweeps: Sweeps | None, started: threading.Event
) -> None:
    outgrown = Rhythm(partial(_see_outgrown, crew), pause_seconds=lambda: BEAT_SECONDS)
    hosting = Rhythm(partial(_see_processes, crew), pause_seconds=lambda: SCALE_SECONDS)
    roster = Roster(crew)
    while not stopping.wait(LOOK_SECONDS):
        try:
            crew.want(_pools())
            free_lost(crew)
            if sweeps is not None:
                sweeps.take_turn()
            is_waited_for = crew.is_handing_over or not crew.is_complete
            crew.present = _present() if is_waited_for else frozenset()
            outgrown.take_turn(now=timezone.now())
            hosting.take_turn(now=timezone.now())
            started.set()
            roster.take_turn(now=timezone.now())
        except Exception:
            # Whatever it was, the next sweep is the remedy; its connection may be broken.
            log.exception("sweep_failed")
            connection.close()
    connection.close()


def _free_at_the_end(crew: Crew, sweeps: Sweeps | None) -> None:
    try:
        leave([post.name for post in crew.posts])
        free_lost(crew)
        if sweeps is not None:
            sweeps.leave()
    except DatabaseError as error:
        log.warning("leases_not_freed", error=type(error).__name__)
    finally:
        connection.close()


def _pools() -> dict[str, PoolType]:
    return {lane.name: lane.pool for lane in switchyard().lanes.values()}


def _present() -> frozenset[str]:
    return frozenset(WorkerPresence.objects.values_list("name", flat=True))


def _see_outgrown(crew: Crew, **_: object) -> None:
    if crew.posts:
        outgrown = WorkerPresence.objects.filter(is_outgrown=True)
        crew.outgrown = frozenset(outgrown.values_list("name", flat=True))


def _see_processes(crew: Crew, *, now: datetime) -> None:
    if crew.posts:
        crew.processes = processes_here(Counter(post.name for post in crew.posts), now=now)


def free_lost(crew: Crew) -> None:
    """Forget the workers that were seen to end and offer their parts again, without waiting for leases."""
    while not crew.lost.empty():
        lost = crew.lost.get()
        now = timezone.now()
        free_parts_of(worker=lost.name, how=lost.how, now=now)
        note_end(lost, now=now)
        WorkerPresence.objects.filter(name=lost.name).delete()
