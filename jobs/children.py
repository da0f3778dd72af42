"""The forked children of a worker: one that stands still is killed, and its pool starts another one."""

import os
import signal
import threading
import time
from contextlib import suppress

import psutil
import structlog
from celery.signals import worker_process_init

from jobs.pulses import PULSE_SECONDS, Listener, Pulse

log = structlog.get_logger()


def watch_children(*, worker: str) -> None:
    """Let the children that `worker`, this process, will fork give signs of life, and kill the silent ones.

    Such a child was stopped, or native code keeps its interpreter's lock: no time limit of ours ends that.
    """
    listener = Listener()

    def begin(**_: object) -> None:
        Pulse(pipe=listener.pipe).start()

    worker_process_init.connect(begin, weak=False)
    threading.Thread(
        target=_keep_watching, args=(listener,), kwargs={"worker": worker}, name="children", daemon=True
    ).start()


def _keep_watching(listener: Listener, *, worker: str) -> None:
    pause = threading.Event()
    myself = psutil.Process()
    while not pause.wait(PULSE_SECONDS):
        children = [child.pid for child in myself.children()]
        for child in listener.silent(children, now=time.monotonic()):
            log.warning("child_killed", worker=worker, process=child)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
