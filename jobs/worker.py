"""A lane's worker: Celery in this process, with the lane's queue, pool and number of slots."""

import os
import signal
import sys
from datetime import timedelta
from multiprocessing.sharedctypes import RawValue
from typing import Any

import structlog
from celery import current_app
from celery.signals import worker_ready, worker_shutting_down
from django.db import connections
from django.db.utils import Error as DatabaseError
from django.utils import timezone

from jobs import supervision, tasks
from jobs.children import watch_children
from jobs.forks import Forks, is_surplus
from jobs.hearing import keep_hearing
from jobs.lanes import Lane
from jobs.leaving import Leaving
from jobs.presence import Beat, worker_name
from jobs.registry import kinds
from jobs.resizing import keep_size, slots_at_start
from jobs.runners import PatientRunner
from jobs.threads import Threads

log = structlog.get_logger()


BACKSTOP_SECONDS = 30
"""So long after the longest time limit Celery kills a prefork child that did not end a part itself."""
LOST_SECONDS = 1
"""So long Celery waits for a word of a child that has died, before its slot is another child's."""
NICENESS = 5
"""How far workers of other lanes step back from the CPU for those of vital ones; a third of their weight."""
FINISHING = timedelta(seconds=1.5)
"""What parts at hand get to finish, once the worker was asked to end, before they are handed back."""


def _end_child() -> None:
    """End this prefork child at once; its parent starts another one."""
    os._exit(os.EX_TEMPFAIL)


def _end_worker() -> None:
    """Ask this worker to end; its supervisor starts another one."""
    os.kill(os.getpid(), signal.SIGTERM)


ENDS = {"prefork": _end_child, "threads": _end_worker}
POOLS = {"prefork": Forks, "threads": Threads}


def work_lane(lane: Lane, *, ends_when_changed: bool = False) -> int:
    """Answer the doorbells of `lane` until a signal asks to end, and return the exit code.

    TERM lets the parts at hand finish; a second TERM or QUIT drops them, and they are offered again.
    It begins with the number of workers that the settings have for the lane, as far as there is memory, and
    takes on another one later. With `ends_when_changed` it asks itself to end once they want another pool.
    """
    if not lane.is_vital:
        os.nice(NICENESS)
    name = worker_name(lane=lane.name, pid=os.getpid())
    has_children = lane.pool == "prefork"
    slots, now = slots_at_start(lane), timezone.now()
    beat = Beat(worker=name, lane=lane.name, slots=slots, now=now, has_children=has_children)
    leaving = Leaving(worker=name)
    runner = PatientRunner(most=_most_given_up(lane.pool, slots=slots))
    wanted = RawValue("i", slots)  # children that are forked later see what it is by then

    def resized(slots: int, kept_back: int) -> None:
        wanted.value = slots
        runner.most = _most_given_up(lane.pool, slots=slots)
        beat.resize(slots, kept_back=kept_back)

    def is_ready(*, sender: Any, **_: object) -> None:
        beat.start()
        keep_hearing(lane=lane.name, worker=name, before_the_end=beat.stop)
        log.info("worker_ready", worker=name, lane=lane.name, slots=slots, pool=lane.pool)
        outdated = _end_worker if ends_when_changed else None
        keep_size(sender, lane=lane, worker=name, on_told=resized, on_other_pool=outdated)

    def is_ending(**_: object) -> None:
        beat.hand_back(at=timezone.now() + FINISHING)
        leaving.begin()

    worker_ready.connect(is_ready, weak=False)
    worker_shutting_down.connect(is_ending, weak=False)
    tasks.use(
        runner,
        end=ENDS[lane.pool],
        is_surplus=lambda: lane.pool == "prefork" and is_surplus(children=wanted.value),
    )
    worker = _celery_worker(lane, name=name, slots=slots)
    if lane.pool == "prefork":
        watch_children(worker=name, lane=lane.name)
    leaving.start()
    return _run(worker, name=name, lane=lane, beat=beat)


def _run(worker: Any, *, name: str, lane: Lane, beat: Beat) -> int:
    """Let `worker`, of that name, answer doorbells until it was asked to end, and return the exit code."""
    try:
        worker.start()
    finally:
        if lane.pool == "prefork":
            _give_back_rest(name)
        beat.stop()
    return int(worker.exitcode or 0)


def _celery_worker(lane: Lane, *, name: str, slots: int) -> Any:
    """Return Celery's worker for `lane` with so many `slots`, not started yet."""
    connections.close_all()  # children must not share ours
    # Celery would close each connection after each doorbell; ours are checked before each answer.
    current_app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
    return current_app.Worker(
        hostname=name,
        queues=[lane.name],
        pool_cls=POOLS[lane.pool],
        concurrency=slots,
        prefetch_multiplier=1,
        task_events=True,
        without_mingle=True,
        without_gossip=True,
        worker_lost_wait=LOST_SECONDS,
        time_limit=longest_limit() + BACKSTOP_SECONDS if lane.pool == "prefork" else None,
        loglevel="INFO",
        quiet=True,
    )


def _give_back_rest(worker: str) -> None:
    """Offer again what children had in hand that were ended beside us, as service managers do.

    Not for threads, which may still be at it.
    """
    try:
        supervision.free_parts_of(worker=worker, was_asked=True, now=timezone.now())
    except DatabaseError as error:
        log.warning("parts_not_given_back", worker=worker, error=type(error).__name__)


def _most_given_up(pool: str, *, slots: int) -> int:
    """Return how many threads that do not end a process keeps before it is spent."""
    return 0 if pool == "prefork" else slots


def longest_limit() -> float:
    """Return the longest time limit of all kinds, in seconds: rules that change may lead any of them here."""
    return max((kind.time_limit_seconds for kind in kinds()), default=0)
