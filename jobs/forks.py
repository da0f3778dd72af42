"""Celery's pool of forked children, whose number can change, with a note of each child that has ended."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, ClassVar, Protocol

from billiard import current_process
from billiard.pool import RUN
from billiard.util import get_pdeathsig  # type: ignore[attr-defined]  # its stubs lack it
from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool

from jobs.lanes import MOST_WORKERS

NO_PLACE = MOST_WORKERS
"""Where a child is that is on its way out, beyond all places."""


@dataclass(frozen=True, kw_only=True)
class EndedChild:
    """A child that has ended, whether it was asked to or not."""

    process: int
    """Its id."""
    code: int
    """Its exit code; below 0 the signal that killed it."""


class Judge(Protocol):
    """Who knows which children are to be replaced."""

    def lets_go(self, process: int) -> bool:
        """Say whether the child of that id is to be replaced, now that it has answered its doorbell."""


class NotingPool(AsynPool):
    """Notes the children that have ended, for whoever reads `ended`; there is one pool in a worker."""

    ended: ClassVar[SimpleQueue[EndedChild]] = SimpleQueue()
    judge: ClassVar[Judge | None] = None
    """Whom to ask after each doorbell."""
    on_process_down: Callable[[Any], None]
    # billiard's own, which its stubs lack.
    _pool: list[Any]
    _processes: int
    _putlock: Any
    _busy_workers: set[int]
    _create_worker_process: Callable[[int], object]
    _queues: dict[Any, Any]
    _state: int
    create_process_queues: Callable[[], Any]
    _call_soon: Callable[[Callable[[], object]], object]

    def register_with_event_loop(self, hub: Any) -> None:
        """Let the pool hear of a child's end, and note it then."""
        super().register_with_event_loop(hub)
        self._call_soon = hub.call_soon
        let_go = self.on_process_down

        def note(child: Any) -> None:
            let_go(child)
            self.ended.put(EndedChild(process=child.pid, code=child.exitcode or 0))

        self.on_process_down = note

    @property
    def _missing(self) -> list[int]:
        """The places without a child; one too many elsewhere does not make up for it."""
        taken = {child.index for child in self._pool}
        return [place for place in range(self._processes) if place not in taken]

    @property
    def is_settled(self) -> bool:
        """Whether no child is left that is one too many, and none is missing."""
        return len(self._pool) == self._processes and not self._missing

    @property
    def is_growing(self) -> bool:
        """Whether a child is to be forked."""
        return bool(self._missing)

    def resize(self, children: int) -> None:
        """Have so many `children`; call it again while it `is_growing`, and until it `is_settled`.

        Each call forks one child, so that it works before the next one is forked. Those too many are those
        with the highest places. They claim nothing more (see `is_surplus`), get no doorbell more, and are
        ended once they have none in hand.
        """
        if children > self._processes:
            self.grow(children - self._processes)
        for _ in range(self._processes - children):
            self._putlock.shrink()
        self._processes = children
        if missing := self._missing:
            self._create_worker_process(missing[0])
        self._end_surplus()

    def on_job_ready(self, job: Any, i: int, obj: object, inqW_fd: int) -> None:  # noqa: N803  (their name)
        """Let the child that has answered a doorbell have another one, or end."""
        super().on_job_ready(job, i, obj, inqW_fd)
        self._replace_if_due(inqW_fd)
        self._end_surplus()

    def _replace_if_due(self, inqueue: int) -> None:
        """Let the child that reads `inqueue` give up its place if it is to, for one that is forked now."""
        child = next((child for child in self._pool if child.inqW_fd == inqueue), None)
        if self._state != RUN or self.judge is None or child is None or child.index >= self._processes:
            return
        if self.judge.lets_go(child.pid):
            child.index = NO_PLACE
            self._call_soon(self._fill)

    def _fill(self) -> None:
        """Fork a child for the first place without one; whoever waits until we are settled asks for more."""
        if self._state == RUN:
            self.resize(self._processes)

    def get_process_queues(self) -> Any:
        """Return pipes for a new child; there may be more of them than children while some end."""
        if None not in self._queues.values():
            self._queues[self.create_process_queues()] = None
        return super().get_process_queues()

    def _end_surplus(self) -> None:
        for child in self._pool:
            if child.index >= self._processes and child.inqW_fd not in self._busy_workers:
                self._busy_workers.add(child.inqW_fd)  # nothing is written to it while it ends
                child.terminate_controlled()


class Forks(TaskPool):
    """The `pool_cls` of a worker whose parts compute."""

    Pool = NotingPool
    _pool: NotingPool

    def on_start(self) -> None:
        """Fork the first children, once what is loaded is kept out of all later collections of garbage.

        Each fork collects first, and each collection writes to every object: it takes a fifth of a second,
        and all children get a copy of nearly all that they would share.
        """
        get_pdeathsig()  # loads what each child would, to end with us: most of what its start would take
        gc.collect()
        gc.freeze()
        super().on_start()

    def resize(self, children: int) -> None:
        """Have so many `children`; call it again while it `is_growing`, and until it `is_settled`."""
        self._pool.resize(children)

    @property
    def is_growing(self) -> bool:
        """Whether a child is to be forked."""
        return self._pool.is_growing

    @property
    def is_settled(self) -> bool:
        """Whether no child is left that is one too many."""
        return self._pool.is_settled


def is_surplus(*, children: int) -> bool:
    """Say whether this process is one child too many of its worker, which is to have so many `children`.

    billiard counts the places of children from 0 and fills them again.
    """
    place: int = current_process().index  # type: ignore[attr-defined]  # its stubs lack it
    return place >= children
