"""Celery's side of a doorbell: one task for each kind, that answers and returns nothing."""

from typing import Any

from celery import Task, current_app

from jobs import execution
from jobs.registry import kinds


def hang_doorbells() -> None:
    """Make a Celery task for each registered kind, so that Flower shows the kinds by name."""
    for kind in kinds():
        current_app.task(name=kind.name, bind=True, ignore_result=True)(answer)


def answer(self: "Task[Any, Any]", /, lane: str, *_: object, **__: object) -> None:
    """Do one part of `lane`, whatever its kind; a doorbell too many finds nothing."""
    execution.answer(lane=lane, worker=str(self.request.hostname))
