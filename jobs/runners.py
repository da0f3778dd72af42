"""Running a kind's verb so that its slot is free again when the time limit passes, whatever the verb does."""

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

import structlog
from django.db import close_old_connections, connection
from django.utils import timezone

from jobs.leases import HandedBack, Hold, OverTime, PartTaken

log = structlog.get_logger()

LOOK_SECONDS = 0.5
"""How often a waiting slot looks whether its patience has ended."""

Verb = Callable[[], None]


class Runner(Protocol):
    """Runs a verb under a hold."""

    def __call__(self, verb: Verb, *, hold: Hold) -> None:
        """Run `verb`; raises what it raises, or what `Hold.check_patience` raises when it does not end."""


def inline(verb: Verb, *, hold: Hold) -> None:
    """Run `verb` here and now, without a limit: for tests, which share one database connection."""
    hold.check()
    verb()


@dataclass(frozen=True)
class _End:
    """How a verb ended."""

    error: BaseException | None


class _Hand:
    """A thread that runs one verb after the other, with a database connection of its own.

    It ends after its verb once nobody has the hand any more: its slot gave it up or ended.
    """

    def __init__(self) -> None:
        verbs: SimpleQueue[Verb | None] = SimpleQueue()
        ends: SimpleQueue[_End] = SimpleQueue()
        self._verbs, self._ends = verbs, ends
        weakref.finalize(self, verbs.put, None)
        threading.Thread(target=_run, args=(verbs, ends), name="part", daemon=True).start()

    def begin(self, verb: Verb) -> None:
        self._verbs.put(verb)

    def end_within(self, seconds: float) -> _End | None:
        try:
            return self._ends.get(timeout=seconds)
        except Empty:
            return None


def _run(verbs: "SimpleQueue[Verb | None]", ends: "SimpleQueue[_End]") -> None:
    try:
        while (verb := verbs.get()) is not None:
            close_old_connections()
            ends.put(_end_of(verb))
            del verb  # what it holds may be large
    finally:
        connection.close()


def _end_of(verb: Verb) -> _End:
    try:
        verb()
    except BaseException as error:  # noqa: BLE001  (raised again by the slot that waits)
        return _End(error)
    return _End(None)


class PatientRunner:
    """Runs each verb in a thread beside the slot's own, and gives up on one that does not end.

    Python cannot end a thread. One that was given up goes on until its call returns, and changes
    nothing then: its part is fenced. A process with more than `most` such threads `is_spent`.
    Honest limit: native code that never lets go of the interpreter's lock stops this wait too; then
    the lease ends, and whoever watches over the process kills it: see `jobs.pulses`.
    """

    def __init__(self, *, most: int) -> None:
        """Give up at most `most` threads before the process is spent."""
        self.most = most
        """As many as it has slots; none where it has children."""
        self._given_up = 0
        self._own = threading.local()

    @property
    def is_spent(self) -> bool:
        """Whether this process should end, and with it the threads that were given up."""
        return self._given_up > self.most

    def __call__(self, verb: Verb, *, hold: Hold) -> None:
        """Run `verb` in the hand that belongs to this slot."""
        hand: _Hand = getattr(self._own, "hand", None) or _Hand()
        self._own.hand = hand
        hand.begin(verb)
        while (end := hand.end_within(LOOK_SECONDS)) is None:
            try:
                hold.check_patience(now=timezone.now())
            except (OverTime, PartTaken, HandedBack):
                self._own.hand = None
                log.warning("verb_given_up", part=hold.claim.part.pk, kind=hold.claim.part.job.kind)
                self._given_up += 1
                raise
        if end.error is not None:
            raise end.error
