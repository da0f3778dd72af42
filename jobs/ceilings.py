"""The most memory that one part may take in a forked child.

The child says when a part begins, and its worker watches from outside and kills it (`jobs.overgrowth`): see
docs/decisions/0013. The system's own limit stands behind that.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

from jobs import memory
from jobs.language import gettext_lazy as _
from jobs.notices import Notices
from jobs.retries import PermanentFailure
from jobs.sections import MEGABYTE

HARD_TIMES = 3
"""The system refuses memory at so many times the ceiling.

What grows by doubling has three times its old size for a moment. Libraries that are refused memory may say
that the file is damaged, so that the worker must see first what grows.
"""
TOO_MUCH = _(
    "It needs more than {megabytes:,g} MB of memory, the most that one part may take. Make it smaller, for "
    "example without its largest files, or ask the people who run the platform to allow more."
)


class TooMuchMemory(PermanentFailure):
    """The part needs more memory than one may take."""


def too_much(ceiling: int) -> str:
    """Return the sentence about a part that needs more than so many bytes."""
    return TOO_MUCH.format(megabytes=ceiling / MEGABYTE)


class Ceiling:
    """What this process does about the memory of its parts: nothing, where it has no worker that watches."""

    def __init__(self) -> None:
        """Do nothing."""
        self.notices: Notices | None = None
        """Whom a forked child tells what it works on."""

    @contextmanager
    def over(self, *, part: int, fence: int, megabytes: float | None) -> Iterator[None]:
        """Let what is done within take so many `megabytes` besides what this process has already.

        Raises:
            TooMuchMemory: it wanted far more at once. Else the process is killed.
        """
        if self.notices is None or megabytes is None:
            yield
            return
        most = round(megabytes * MEGABYTE)
        self.notices.work(part, fence, began_with=memory.own_bytes(os.getpid()), ceiling=most)
        before = resource.getrlimit(resource.RLIMIT_DATA)
        _limit_to(memory.wanted_bytes(), more=HARD_TIMES * most, before=before)
        try:
            yield
        except MemoryError as error:
            raise TooMuchMemory(too_much(most)) from error
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, before)
            self.notices.rest(part, fence)


def _limit_to(wanted: int, *, more: int, before: tuple[int, int]) -> None:
    """Let this process, which wants so many bytes, want `more` at most, if the limits of `before` allow more.

    Where the system does not count what it wants, nothing is limited.
    """
    least, most = wanted + more, before[0]
    if wanted and (most == resource.RLIM_INFINITY or least < most):
        resource.setrlimit(resource.RLIMIT_DATA, (least, before[1]))


ceiling = Ceiling()
