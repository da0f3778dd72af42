"""Celery's pool of forked children, with a note of each child that has ended."""

from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, ClassVar

from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool


@dataclass(frozen=True, kw_only=True)
class EndedChild:
    """A child that has ended, whether it was asked to or not."""

    process: int
    """Its id."""
    code: int
    """Its exit code; below 0 the signal that killed it."""


class NotingPool(AsynPool):
    """Notes the children that have ended, for whoever reads `ended`; there is one pool in a worker."""

    ended: ClassVar[SimpleQueue[EndedChild]] = SimpleQueue()
    on_process_down: Callable[[Any], None]

    def register_with_event_loop(self, hub: Any) -> None:
        """Let the pool hear of a child's end, and note it then."""
        super().register_with_event_loop(hub)
        let_go = self.on_process_down

        def note(child: Any) -> None:
            let_go(child)
            self.ended.put(EndedChild(process=child.pid, code=child.exitcode or 0))

        self.on_process_down = note


class Forks(TaskPool):
    """The `pool_cls` of a worker with forked children."""

    Pool = NotingPool
