"""The forked children of a worker: what one leaves that ends is offered again, and a silent one is killed."""

import os
import signal
import threading
import time
from contextlib import suppress
from queue import Empty

import psutil
import structlog
from celery.signals import task_postrun, worker_process_init, worker_process_shutdown, worker_shutting_down
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone
from django.utils.translation import gettext_lazy

from jobs import crew, leases, supervision
from jobs.ceilings import ceiling, too_much
from jobs.forks import EndedChild, NotingPool
from jobs.measures import WORKERS_REPLACED
from jobs.notices import Notices
from jobs.overgrowth import Overgrowth, go_first
from jobs.pulses import PULSE_SECONDS, ChildrenListener, Pulse
from jobs.settings import switchyard
from jobs.stints import stint
from jobs.tallying import Tallying

log = structlog.get_logger()

ASKED = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGQUIT}
"""Codes of children that were asked to end, with their worker: it gives back what they left."""
CHILD = gettext_lazy("The process that did it")
HUNG = gettext_lazy("The process that did it stood still, and its worker ended it.")


def watch_children(*, worker: str, lane: str) -> None:
    """Watch over the children that `worker`, this process, will fork for `lane`: they give signs and notices.

    A child that is silent was stopped, or native code keeps its interpreter's lock: no time limit of ours
    ends that.
    """
    watch = Watch(worker=worker, lane=lane)
    NotingPool.judge = watch
    worker_process_init.connect(watch.begin_in_child, weak=False)
    worker_shutting_down.connect(watch.note_end, weak=False)
    threading.Thread(target=watch.keep_watching, name="children", daemon=True).start()


class Watch:
    """What a worker knows of its children."""

    def __init__(self, *, worker: str, lane: str) -> None:
        """Watch over the children of `worker`, which is this process, in `lane`."""
        self._worker, self._lane = worker, lane
        self._pulses = ChildrenListener()
        self._notices = Notices()
        self._overgrowth = Overgrowth(self._notices)
        self._killed: set[int] = set()
        self._is_ending = threading.Event()

    def note_end(self, **_: object) -> None:
        """Note that the worker was asked to end."""
        self._is_ending.set()

    def begin_in_child(self, **_: object) -> None:
        """Let this process, a child, say that it lives and what it is at."""
        go_first()
        Pulse(to=self._pulses.pipe).start()
        leases.keeper.notices = ceiling.notices = self._notices
        task_postrun.connect(self.judge_child, weak=False)
        tallying = Tallying()
        tallying.start()
        worker_process_shutdown.connect(lambda **_: tallying.stop(), weak=False)

    def judge_child(self, **_: object) -> None:
        """Say that this process, a child, is to be replaced once that is so; called after each doorbell."""
        if why := stint.why_child_ends(switchyard().lanes[self._lane]):
            self._notices.leave(why)

    def lets_go(self, process: int) -> bool:
        """Say whether the child `process` is to be replaced; asked once it has answered its doorbell."""
        why = self._notices.why_leaves(process)
        if why:
            log.info("child_replaced", worker=self._worker, process=process, reason=why)
            WORKERS_REPLACED.add(self._lane, "child", why)
        return bool(why)

    def keep_watching(self) -> None:
        """Look at the children once a second, as long as this process lives."""
        self._overgrowth.start()
        pause = threading.Event()
        myself = psutil.Process()
        while not pause.wait(PULSE_SECONDS):
            self._kill_silent([child.pid for child in myself.children()])
            self._notices.listen()
            with suppress(Empty):
                while True:
                    self.offer_again(NotingPool.ended.get_nowait())

    def _kill_silent(self, children: list[int]) -> None:
        for child in self._pulses.silent(children, now=time.monotonic()):
            log.warning("child_killed", worker=self._worker, process=child)
            self._killed.add(child)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def offer_again(self, child: EndedChild) -> None:
        """Offer again what `child` was at, without waiting for its leases; those are the remedy otherwise.

        But for the part that it ended for: that one needs too much memory. Nothing once the worker was asked
        to end: what is left then was handed back.
        """
        is_hung = child.process in self._killed  # then that signal was ours, and says nothing of its memory
        blamed = self._overgrowth.blamed(child.process, code=os.EX_OK if is_hung else child.code)
        left = self._notices.left_by(child.process)
        how = str(HUNG) if is_hung else crew.how_it_ended(child.code, who=str(CHILD))
        self._killed.discard(child.process)
        if not left or child.code in ASKED or self._is_ending.is_set():
            return
        try:
            if blamed is not None:
                WORKERS_REPLACED.add(self._lane, "child", "ceiling")
                beside, error = left - {blamed.claimed}, too_much(blamed.ceiling)
                supervision.fail_part(blamed.claimed, beside=beside, error=error, now=timezone.now())
            else:
                supervision.free_parts(left, how=how, now=timezone.now())
        except DatabaseError as error:
            log.warning("parts_not_offered_again", worker=self._worker, error=type(error).__name__)
        finally:
            connection.close()  # a child that is forked now must not share it
