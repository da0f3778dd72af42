"""Celery's pool of threads, but for one thing: their number can change while they work."""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from celery.concurrency.base import BasePool, apply_target
from django.db import connection

log = structlog.get_logger()

Call = Callable[[], object]


class Threads(BasePool):
    """The `pool_cls` of a worker whose parts wait for others.

    Who makes it smaller takes no call from anybody: a thread too many ends with the call that it has.
    """

    limit: int
    is_growing = False  # all threads start at once
    body_can_be_buffer = True
    signal_safe = False

    def __init__(self, *args: Any, **options: Any) -> None:
        """Prepare; threads start with the pool."""
        super().__init__(*args, **options)
        self._calls: deque[Call] = deque()
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Condition()
        self._is_ending = False

    def on_start(self) -> None:
        """Start the threads."""
        self.resize(self.limit)

    def on_stop(self) -> None:
        """Drop the calls that have not begun, and wait for those that have."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
            ending = list(self._threads)
        for thread in ending:
            thread.join()

    def resize(self, threads: int) -> None:
        """Let so many `threads` work from now on."""
        with self._changed:
            self.limit = threads
            self._changed.notify_all()
            while len(self._threads) < threads:
                thread = threading.Thread(target=self._run, name="slot", daemon=True)
                self._threads.add(thread)
                thread.start()

    @property
    def is_settled(self) -> bool:
        """Whether no thread is left that is one too many."""
        return len(self._threads) == self.limit

    def on_apply(
        self,
        target: Callable[..., object],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        callback: Callable[..., object] | None = None,
        accept_callback: Callable[..., object] | None = None,
        **_: Any,
    ) -> None:
        """Let the next free thread call `target`."""
        call = partial(apply_target, target, args or (), kwargs, callback, accept_callback)
        with self._changed:
            self._calls.append(call)
            self._changed.notify()

    def _run(self) -> None:
        try:
            while (call := self._next()) is not None:
                try:
                    call()
                except Exception:
                    log.exception("doorbell_failed")
        finally:
            connection.close()

    def _next(self) -> Call | None:
        """Wait for a call, or return None when this thread is to end."""
        with self._changed:
            while not self._is_ending and len(self._threads) <= self.limit:
                if self._calls:
                    return self._calls.popleft()
                self._changed.wait()
            self._threads.discard(threading.current_thread())
            return None

    def _get_info(self) -> dict[str, Any]:
        return {**super()._get_info(), "threads": len(self._threads)}  # type: ignore[misc]  # its stubs lack it
