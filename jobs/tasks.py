"""Celery's side of a doorbell: one task for each kind, that answers and returns nothing."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import Task, current_app
from django.db import close_old_connections

from jobs import drawing, execution
from jobs.registry import kinds
from jobs.runners import PatientRunner
from jobs.settings import switchyard

log = structlog.get_logger()

GOES_ON_SECONDS = 1
"""So long one doorbell may begin further parts of a limited lane."""


class _Process:
    """How this worker process runs parts, how it ends when it is spent, and whether it is one too many."""

    runner: PatientRunner
    end: Callable[[], None]
    is_surplus: Callable[[], bool]


def use(runner: PatientRunner, *, end: Callable[[], None], is_surplus: Callable[[], bool]) -> None:
    """Run the parts of this process and its children with `runner`, and `end` one that is spent.

    A process that `is_surplus` claims nothing: it is about to be ended.
    """
    _Process.runner, _Process.end = runner, staticmethod(end)
    _Process.is_surplus = staticmethod(is_surplus)


def hang_doorbells() -> None:
    """Make a Celery task for each registered kind, so that Flower shows the kinds by name."""
    for kind in kinds():
        current_app.task(name=kind.name, bind=True, ignore_result=True)(answer)


def answer(self: "Task[Any, Any]", /, lane: str, *_: object, **__: object) -> None:
    """Do one part of `lane`, whatever its kind; a doorbell too many finds nothing.

    In a lane that a limit may hold back it goes on for a moment while there is something to claim: a
    closed limit swallows doorbells, and supervision rings few when it opens again.
    """
    close_old_connections()
    until = time.monotonic() + GOES_ON_SECONDS
    while not _Process.is_surplus() and execution.answer(
        lane=lane, worker=str(self.request.hostname), runner=_Process.runner
    ):
        is_limited = drawing.limits_lane(switchyard(), switchyard().lanes[lane])
        if not is_limited or _Process.runner.is_spent or time.monotonic() > until:
            break
    if _Process.runner.is_spent:
        log.warning("process_spent", lane=lane)
        _Process.end()
