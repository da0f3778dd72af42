"""Celery's side of a doorbell: one task for each kind, that answers and returns nothing."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from celery import Task, current_app
from django.db import close_old_connections
from django.utils import timezone

from jobs import drawing, execution, publishing, ringing
from jobs.lanes import Lane
from jobs.registry import kinds
from jobs.reminding import Reminder
from jobs.runners import PatientRunner
from jobs.settings import switchyard

log = structlog.get_logger()

GOES_ON_SECONDS = 1
"""So long one doorbell may begin further parts of a lane with limits."""


class _Process:
    """How this worker process runs parts, how it ends when it is spent, and whether it is one too many."""

    runner: PatientRunner
    end: Callable[[], None]
    is_surplus: Callable[[], bool]
    reminder = Reminder()


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
    """Do one part of `lane`, whatever its kind; a doorbell too many finds nothing."""
    close_old_connections()
    _work(lane, kind=self.name, worker=str(self.request.hostname))
    if _Process.runner.is_spent:
        log.warning("process_spent", lane=lane)
        _Process.end()


def _work(lane: str, *, kind: str, worker: str) -> None:
    """Do a part, or all that there is for a moment in a lane with limits.

    Closed limits and full caps swallow doorbells. So the lane is rung again after that moment, or when the
    limit opens.
    """
    until = time.monotonic() + GOES_ON_SECONDS
    was_in_vain = True
    while not _Process.is_surplus():
        asked_at = timezone.now()
        if not execution.answer(lane=lane, worker=worker, runner=_Process.runner):
            _ring_when_open(switchyard().lanes[lane], kind=kind, asked_at=asked_at, was_in_vain=was_in_vain)
            return
        was_in_vain = False
        settings = switchyard()
        if _Process.runner.is_spent or not ringing.swallows_doorbells(settings, settings.lanes[lane]):
            return
        if time.monotonic() > until:
            publishing.ring(lane=lane, kind=kind)
            return
    publishing.ring(lane=lane, kind=kind)  # for those who stay


def _ring_when_open(lane: Lane, *, kind: str, asked_at: datetime, was_in_vain: bool) -> None:
    """See to it that the lane is rung when the limit opens that was closed when a claim `asked_at` for parts.

    It may have opened meanwhile.
    """
    opens_in = drawing.opens_in(lane, now=asked_at) if drawing.limits_lane(switchyard(), lane) else None
    if opens_in is not None:
        # A forked child answers one doorbell at a time, and has no threads to give up.
        most = max(1, _Process.runner.most)
        _Process.reminder.owe(
            lane=lane.name, kind=kind, opens_in=opens_in, most=most, was_in_vain=was_in_vain
        )
