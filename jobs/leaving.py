"""A worker that was asked to end leaves in time, also where its broker or its database does not answer."""

import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog
from django.db import connection
from django.db.utils import Error as DatabaseError

from jobs.models import Part, PartState
from jobs.quitting import quit_at_once

log = structlog.get_logger()

ORDERLY_SECONDS = 3.5
"""What a worker gets to end in order, once it was asked to; then it leaves when it has nothing in hand."""
ANSWER_SECONDS = 0.5
"""How long the database may take to tell what is in hand. One that hangs could not take it back either."""
LOOK_SECONDS = 0.2


class Leaving:
    """Ends this process when its own way out takes too long.

    Celery says goodbye to the broker without a limit that we could set: a frozen one would keep the worker
    until whoever watches over it kills it. A doorbell that is lost with us is rung again.
    """

    def __init__(self, *, worker: str, leave: Callable[[int], object] = quit_at_once) -> None:
        """Prepare the end of `worker`, this process; `leave` ends it at once with an exit code."""
        self._worker = worker
        self._leave = leave
        self._was_asked = threading.Event()

    def start(self) -> None:
        """Be ready; until `begin` is called nothing happens."""
        threading.Thread(target=self._run, name="leaving", daemon=True).start()

    def begin(self) -> None:
        """Let the time count from now. May be called by a signal's handler."""
        self._was_asked.set()

    def _run(self) -> None:
        self._was_asked.wait()
        pause = threading.Event()
        pause.wait(ORDERLY_SECONDS)
        while self._has_in_hand():
            pause.wait(LOOK_SECONDS)
        log.warning("worker_left", worker=self._worker)
        self._leave(os.EX_OK)

    def _has_in_hand(self) -> bool:
        """Say whether the database tells in time that parts are still ours."""
        answers: SimpleQueue[bool] = SimpleQueue()
        threading.Thread(target=self._look, args=(answers,), name="in-hand", daemon=True).start()
        try:
            return answers.get(timeout=ANSWER_SECONDS)
        except Empty:
            return False

    def _look(self, answers: "SimpleQueue[bool]") -> None:
        try:
            answers.put(self._is_working())
        finally:
            connection.close()

    def _is_working(self) -> bool:
        try:
            return Part.objects.filter(state=PartState.WORKING, worker=self._worker).exists()
        except DatabaseError as error:
            log.warning("in_hand_unknown", worker=self._worker, error=type(error).__name__)
            return False
