"""The worker processes of this machine: one for each lane or more, watched and started again."""

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue

import structlog
from django.utils.translation import gettext, gettext_lazy

from jobs import stints
from jobs.adopting import Adopted
from jobs.handover import LanePost, Start
from jobs.lanes import PoolType
from jobs.measures import WORKERS_REPLACED
from jobs.places import Places
from jobs.posts import NO_CODE, Process, end_all
from jobs.presence import worker_name
from jobs.pulses import Listener

log = structlog.get_logger()

# A worker leaves by itself: in order within three seconds, else after `jobs.leaving.ORDERLY_SECONDS`.
DRAIN_SECONDS = 5.0
HUNG = gettext_lazy("The worker stood still, and its supervisor ended it.")
REPLACED = gettext_lazy("Another worker took its place.")
FEWER = gettext_lazy("The lane was to have fewer worker processes on this host.")
NOT_IN_TIME = gettext_lazy("The worker was asked to end and did not in time, and its supervisor killed it.")


@dataclass(frozen=True, kw_only=True)
class LostWorker:
    """A worker that was seen to end, and left parts perhaps."""

    name: str
    lane: str
    how: str
    """What ended it, as a sentence for the history of these parts."""


class Crew:
    """One worker process for each of some lanes, or more where they are wanted."""

    def __init__(self, *, lanes: Sequence[str], start: Start, pulses: Listener | None = None) -> None:
        """Make a post for each of `lanes`; the workers say through `pulses` that they do not stand still."""
        self._places = Places(lanes, start=start)
        self.processes: Mapping[str, int] = {}
        """How many processes each lane is to have here; a lane that is not named keeps those that it has."""
        self.present: frozenset[str] = frozenset()
        """Workers that were present a moment ago; told while one is waited for."""
        self.outgrown: frozenset[str] = frozenset()
        """Workers that have too much memory."""
        self._pulses = pulses
        self._leaving: list[tuple[str, Process, str, float]] = []
        self._seen: set[int] = set()
        self.lost: SimpleQueue[LostWorker] = SimpleQueue()
        """Workers whose parts are to be offered again at once."""

    @property
    def posts(self) -> list[LanePost]:
        """The places of all processes."""
        return self._places.posts

    @property
    def is_handing_over(self) -> bool:
        """Whether a worker is on its way that is to take the place of another one."""
        return any(post.is_handing_over for post in self.posts)

    @property
    def is_complete(self) -> bool:
        """Whether each post has a process that lives and was present once; told after a `tend`."""
        processes = [post.process for post in self.posts]
        return all(one is not None and one.poll() is None and one.pid in self._seen for one in processes)

    def adopt(self, found: Mapping[str, Sequence[Adopted]], *, now: float) -> None:
        """Take on an earlier supervisor's workers, by lane, oldest first; call it before the first `tend`.

        Two at a place are at a handover, which goes on; what is older still was to end.
        """
        for post, workers in self._places.of(found):
            for worker in workers[:-2]:
                self._ask_to_leave(post.name, worker, how=str(REPLACED), now=now)
            post.adopt(workers[-2:], now=now)
            for worker in workers[-2:]:
                log.info("worker_adopted", lane=post.name, process=worker.pid)
                if self._pulses:
                    self._pulses.expect(worker.pid, age_seconds=worker.age_seconds, now=now)

    def want(self, pools: Mapping[str, PoolType]) -> None:
        """Replace the workers of lanes whose pool is another one now, each once the new one is present."""
        for post in self.posts:
            post.wanted = pools.get(post.name, post.wanted)

    def tend(self, *, now: float) -> None:
        """Tend all posts; `now` is in seconds of a clock that never goes back."""
        self._give_up_places(now=now)
        silent = self._silent(now=now)
        for post in self.posts:
            if post.process and post.process.pid in silent:
                log.warning("worker_hung", lane=post.name, process=post.process.pid)
                self._ask_to_leave(post.name, post.let_go(now=now), how=str(HUNG), now=now)
            is_outgrown = self._is_outgrown(post)
            is_ready = partial(self._is_present, post.name)
            if old := post.hand_over(now=now, is_ready=is_ready, is_outgrown=is_outgrown):
                log.info("worker_replaced", lane=post.name, process=old.pid, is_outgrown=is_outgrown)
                if is_outgrown:
                    WORKERS_REPLACED.add(post.name, "worker", stints.MEMORY)
                self._ask_to_leave(post.name, old, how=str(REPLACED), now=now)
            if ended := post.tend(now=now):
                log.warning(
                    "worker_ended",
                    lane=ended.name,
                    code=ended.code,
                    starts_again_in_seconds=ended.pause_seconds,
                )
                self._lose(ended.name, ended.pid, how=how_it_ended(ended.code))
        self._see_who_is_present()
        self._see_off(now=now)

    def _give_up_places(self, *, now: float) -> None:
        for post in self._places.fit(self.processes):
            log.info("worker_given_up", lane=post.name, place=post.place)
            for process in post.processes:
                self._ask_to_leave(post.name, process, how=str(FEWER), now=now)

    def _see_who_is_present(self) -> None:
        at_work = {post.process.pid: post.name for post in self.posts if post.process}
        self._seen = {
            pid for pid, lane in at_work.items() if pid in self._seen or self._is_present(lane, pid)
        }

    def _silent(self, *, now: float) -> set[int]:
        """Return the workers, by process id, that stand still; one that was asked to end is not judged."""
        working = [post.process.pid for post in self.posts if post.process and post.process.poll() is None]
        return self._pulses.silent(working, now=now) if self._pulses else set()

    def _ask_to_leave(self, lane: str, process: Process | None, *, how: str, now: float) -> None:
        if process is not None:
            process.terminate()
            self._leaving.append((lane, process, how, now + DRAIN_SECONDS))

    def _lose(self, lane: str, pid: int, *, how: str) -> None:
        self.lost.put(LostWorker(name=worker_name(lane=lane, pid=pid), lane=lane, how=how))

    def _is_present(self, lane: str, pid: int) -> bool:
        return worker_name(lane=lane, pid=pid) in self.present

    def _is_outgrown(self, post: LanePost) -> bool:
        process = post.process
        return process is not None and worker_name(lane=post.name, pid=process.pid) in self.outgrown

    def _see_off(self, *, now: float) -> None:
        """Let the replaced workers finish; kill those that do not end, and offer what they left again."""
        for leaving in list(self._leaving):
            lane, process, how, deadline = leaving
            if process.poll() is None and now >= deadline:
                log.warning("worker_killed", lane=lane, process=process.pid)
                process.kill()
                process.wait()
                how = str(HUNG) if how == str(HUNG) else str(NOT_IN_TIME)
            if process.poll() is not None:
                self._leaving.remove(leaving)
                self._lose(lane, process.pid, how=how)

    def drain(self, *, seconds: float) -> None:
        """Ask all workers to finish what they work on, and kill those that have not within `seconds`."""
        lanes = {process: post.name for post in self.posts for process in post.processes}
        lanes |= {process: lane for lane, process, *_ in self._leaving}
        deadline = time.monotonic() + seconds
        for process in lanes:
            process.terminate()
        killed = end_all(list(lanes), deadline=deadline)
        for process, lane in lanes.items():
            if process in killed:
                log.warning("worker_killed", lane=lane, process=process.pid)
            how = str(NOT_IN_TIME) if process in killed else how_it_ended(process.poll() or 0)
            self._lose(lane, process.pid, how=how)


def how_it_ended(code: int, *, who: str = "") -> str:
    """Say what ended a process whose exit code is `code`; below 0 it is the signal that killed it."""
    who = who or gettext("The worker")
    if code == NO_CODE:
        return gettext(
            "{who} ended. An earlier supervisor had started it, so nobody was told what ended it."
        ).format(who=who)
    if code >= 0:
        return gettext("{who} ended by itself, with exit code {code}.").format(who=who, code=code)
    name = next((f" ({one.name})" for one in signal.Signals if one == -code), "")
    return gettext("{who} was ended by signal {value}{name}.").format(who=who, value=-code, name=name)
