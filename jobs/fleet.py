"""The worker processes of this machine: one for each lane, watched and started again."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue

import structlog
from django.conf import settings
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone

from jobs.models import WorkerPresence
from jobs.posts import Post, Process, end
from jobs.presence import worker_name
from jobs.settings import switchyard
from jobs.supervision import free_parts_of, sweep

log = structlog.get_logger()

LOOK_SECONDS = 0.2
# A worker that is idle looks up every two seconds, and ends a second later.
DRAIN_SECONDS = 5.5


class Crew:
    """One worker process for each of some lanes."""

    def __init__(self, *, lanes: Iterable[str], start: Callable[[str], Process]) -> None:
        """Make a post for each of `lanes`."""
        self.posts = [Post(name=lane, start=start) for lane in lanes]
        self.lost: SimpleQueue[str] = SimpleQueue()
        """Workers that were seen to end, whose parts are to be offered again at once."""

    def tend(self, *, now: float) -> None:
        """Tend all posts; `now` is in seconds of a clock that never goes back."""
        for post in self.posts:
            if ended := post.tend(now=now):
                log.warning(
                    "worker_ended",
                    lane=ended.name,
                    code=ended.code,
                    starts_again_in_seconds=ended.pause_seconds,
                )
                self.lost.put(worker_name(lane=ended.name, pid=ended.pid))

    def drain(self, *, seconds: float) -> None:
        """Ask all workers to finish what they work on, and kill those that have not within `seconds`."""
        working = [(post.name, post.process) for post in self.posts if post.process is not None]
        for _, process in working:
            process.terminate()
        deadline = time.monotonic() + seconds
        for lane, process in working:
            if end(process, deadline=deadline):
                log.warning("worker_killed", lane=lane, process=process.pid)
                self.lost.put(worker_name(lane=lane, pid=process.pid))


def worker_starter(*, logs: Path | None) -> Callable[[str], Process]:
    """Return what starts a lane's worker as a process of its own, with its log in the folder `logs`.

    Without `logs` the workers write where we write.
    """

    def start(lane: str) -> Process:
        manage = str(settings.ROOT / "manage.py")
        command = [sys.executable, manage, "worker", lane, f"--end-with={os.getpid()}"]
        if logs is None:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  (our own command)
        with (logs / f"worker-{lane}.log").open("ab") as output:
            return subprocess.Popen(  # noqa: S603  (our own command)
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    return start


def supervise(*, crew: Crew, stopping: threading.Event) -> None:
    """Sweep and tend `crew` until `stopping` is set; then let the workers finish for a while.

    The sweeps run in a thread of their own: they wait for database and broker, the crew must not.
    """
    sweeping = threading.Thread(target=_keep_sweeping, args=(crew, stopping), name="sweeps", daemon=True)
    sweeping.start()
    log.info("supervising", workers=[post.name for post in crew.posts])
    try:
        while not stopping.wait(LOOK_SECONDS):
            crew.tend(now=time.monotonic())
    finally:
        stopping.set()
        crew.drain(seconds=DRAIN_SECONDS)
        sweeping.join(timeout=1)
        _free_at_the_end(crew)


def _free_at_the_end(crew: Crew) -> None:
    try:
        free_lost(crew)
    except DatabaseError as error:
        log.warning("leases_not_freed", error=type(error).__name__)
    finally:
        connection.close()


def _keep_sweeping(crew: Crew, stopping: threading.Event) -> None:
    sweep_at = time.monotonic()
    while not stopping.wait(LOOK_SECONDS):
        try:
            free_lost(crew)
            if time.monotonic() >= sweep_at:
                sweep_at = time.monotonic() + switchyard().supervision.sweep_seconds
                sweep(now=timezone.now())
        except Exception:
            # Whatever it was, the next sweep is the remedy; its connection may be broken.
            log.exception("sweep_failed")
            connection.close()
    connection.close()


def free_lost(crew: Crew) -> None:
    """Forget the workers that were seen to end and offer their parts again, without waiting for leases."""
    while not crew.lost.empty():
        worker = crew.lost.get()
        WorkerPresence.objects.filter(name=worker).delete()
        free_parts_of(worker=worker, now=timezone.now())
