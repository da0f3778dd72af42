"""A lane's worker: Celery in this process, with the lane's queue, pool and number of slots."""

import os
import signal
import socket

import structlog
from billiard.util import set_pdeathsig  # type: ignore[attr-defined]  # its stubs lack it
from celery import current_app
from celery.signals import worker_ready
from django.db import connections
from django.utils import timezone

from jobs.lanes import Lane
from jobs.presence import Beat

log = structlog.get_logger()


class ParentGone(Exception):
    """The process that this worker was to end with has ended already."""


def work_lane(lane: Lane) -> int:
    """Answer the doorbells of `lane` until a signal asks to end, and return the exit code.

    TERM lets the parts at hand finish; a second TERM or QUIT drops them, and they are offered again.
    """
    name = f"{lane.name}@{socket.gethostname()}-{os.getpid()}"
    beat = Beat(worker=name, lane=lane.name, slots=lane.workers, now=timezone.now())

    def is_ready(**_: object) -> None:
        beat.start()
        log.info("worker_ready", worker=name, lane=lane.name, slots=lane.workers, pool=lane.pool)

    worker_ready.connect(is_ready, weak=False)
    connections.close_all()  # children must not share ours
    worker = current_app.Worker(
        hostname=name,
        queues=[lane.name],
        pool_cls=lane.pool,
        concurrency=lane.workers,
        prefetch_multiplier=1,
        task_events=True,
        without_mingle=True,
        without_gossip=True,
        loglevel="INFO",
        quiet=True,
    )
    try:
        worker.start()
    finally:
        beat.stop()
    return int(worker.exitcode or 0)


def end_with(*, parent: int) -> None:
    """Let the system send this process TERM when the process `parent`, which started it, has ended.

    Where the system cannot (it is no Linux), the worker lives on until it is asked to end.

    Raises:
        ParentGone: it has ended already.
    """
    try:
        set_pdeathsig(signal.SIGTERM)
    except OSError as error:
        log.warning("parent_not_watched", error=str(error))
    if os.getppid() != parent:
        message = f"Process {parent} has ended, and this worker with it."
        raise ParentGone(message)
