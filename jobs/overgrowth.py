"""A worker's eye on the memory of its forked children: who takes more for a part than one may is killed."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import structlog

from jobs import memory
from jobs.notices import AtWork, Notices

log = structlog.get_logger()

LOOK_SECONDS = 0.05
"""A process fills some hundred megabytes at most in that time."""
REST_SECONDS = 1
"""So long nobody looks after a look that failed."""
NEAR = 0.8
"""Who died with so much of its ceiling died of it: by the system, or by a library that was refused memory."""
DEATHS = {-signal.SIGKILL, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}
"""Codes of such ends."""
SCORE = Path("/proc/self/oom_score_adj")
FIRST_TO_GO = 500
"""How gladly the system ends a child when its memory runs out (proc(5), oom_score_adj; others have 0)."""


class Overgrowth:
    """What was seen of the memory that parts take."""

    def __init__(self, notices: Notices) -> None:
        """Look at those who tell `notices` what they work on."""
        self._notices = notices
        self._most: dict[int, tuple[AtWork, int]] = {}
        self._killed: dict[int, AtWork] = {}

    def start(self) -> None:
        """Look as long as this process lives, from a thread of its own."""
        threading.Thread(target=self._run, name="overgrowth", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:
                log.exception("children_not_looked_at")  # the next look is the remedy
                pause.wait(REST_SECONDS)

    def look(self) -> None:
        """Kill those who take too much."""
        at_work = self._notices.at_work()
        for process in set(self._most) - at_work.keys():
            self._most.pop(process, None)
        for process, work in at_work.items():
            with suppress(psutil.Error):
                self._judge(process, work, taken=memory.own_bytes(process) - work.began_with)

    def _judge(self, process: int, work: AtWork, *, taken: int) -> None:
        before, most = self._most.get(process, (work, 0))
        self._most[process] = (work, max(taken, most if before == work else 0))
        if taken > work.ceiling and process not in self._killed:
            log.warning("child_overgrown", process=process, part=work.claimed[0], bytes=taken)
            self._killed[process] = work
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def blamed(self, process: int, *, code: int) -> AtWork | None:
        """Return what `process`, which ended with `code`, worked on if it ended for its memory; forget it."""
        killed = self._killed.pop(process, None)
        work, most = self._most.pop(process, (None, 0))
        if killed is None and work is not None and code in DEATHS and most >= NEAR * work.ceiling:
            return work
        return killed


def go_first() -> None:
    """Let the system end this process before others, above all the database, when memory runs out."""
    with suppress(OSError, ValueError), SCORE.open("r+") as score:
        now = int(score.read())
        score.seek(0)
        score.write(str(max(now, FIRST_TO_GO)))
