"""The worker processes of this machine: one for each lane, watched and started again."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import structlog
from django.conf import settings

from jobs.handover import LanePost
from jobs.lanes import Shape
from jobs.posts import Process, end
from jobs.presence import worker_name

log = structlog.get_logger()

# A worker that is idle looks up every two seconds, and ends a second later.
DRAIN_SECONDS = 5.5


class Crew:
    """One worker process for each of some lanes."""

    def __init__(self, *, lanes: Iterable[str], start: Callable[[str], Process]) -> None:
        """Make a post for each of `lanes`."""
        self.posts = [LanePost(name=lane, start=start) for lane in lanes]
        self.present: frozenset[str] = frozenset()
        """Workers that were present a moment ago; told while `is_handing_over`."""
        self._leaving: list[tuple[str, Process, float]] = []
        self.lost: SimpleQueue[str] = SimpleQueue()
        """Workers that were seen to end, whose parts are to be offered again at once."""

    @property
    def is_handing_over(self) -> bool:
        """Whether a worker is on its way that is to take the place of another one."""
        return any(post.is_handing_over for post in self.posts)

    def want(self, shapes: Mapping[str, Shape]) -> None:
        """Replace the workers of lanes whose shape is another one now, each once the new one is present."""
        for post in self.posts:
            post.wanted = shapes.get(post.name, post.wanted)

    def tend(self, *, now: float) -> None:
        """Tend all posts; `now` is in seconds of a clock that never goes back."""
        for post in self.posts:
            if old := post.hand_over(now=now, is_ready=partial(self._is_present, post.name)):
                log.info("worker_replaced", lane=post.name, process=old.pid)
                old.terminate()
                self._leaving.append((post.name, old, now + DRAIN_SECONDS))
            if ended := post.tend(now=now):
                log.warning(
                    "worker_ended",
                    lane=ended.name,
                    code=ended.code,
                    starts_again_in_seconds=ended.pause_seconds,
                )
                self.lost.put(worker_name(lane=ended.name, pid=ended.pid))

        self._see_off(now=now)

    def _is_present(self, lane: str, pid: int) -> bool:
        return worker_name(lane=lane, pid=pid) in self.present

    def _see_off(self, *, now: float) -> None:
        """Let the replaced workers finish; kill those that do not end, and offer what they left again."""
        for leaving in list(self._leaving):
            lane, process, deadline = leaving
            if process.poll() is None and now >= deadline:
                log.warning("worker_killed", lane=lane, process=process.pid)
                process.kill()
                process.wait()
            if process.poll() is not None:
                self._leaving.remove(leaving)
                self.lost.put(worker_name(lane=lane, pid=process.pid))

    def drain(self, *, seconds: float) -> None:
        """Ask all workers to finish what they work on, and kill those that have not within `seconds`."""
        working = [(post.name, process) for post in self.posts for process in post.processes]
        working += [(lane, process) for lane, process, _ in self._leaving]
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
