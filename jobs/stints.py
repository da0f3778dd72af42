"""What a worker process has done since it began, and when that is enough: another one takes its place."""

import os
import threading

from jobs import memory
from jobs.lanes import Lane
from jobs.sections import MEGABYTE

PARTS = "parts"
MEMORY = "memory"
WHYS = (PARTS, MEMORY)
"""Why a forked child is to be replaced: it did enough parts, or has too much memory."""
LEAST_PARTS = 100
"""So many parts a worker of threads does before its memory is judged."""


class Stint:
    """What this process has done."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._counting = threading.Lock()
        self.parts = 0
        """Attempts at parts, however they ended."""

    def count(self) -> None:
        """Count a part."""
        with self._counting:
            self.parts += 1

    def why_child_ends(self, lane: Lane) -> str:
        """Return why this process, a forked child of `lane`, is to be replaced; empty while it is not."""
        if lane.child_parts is not None and self.parts >= lane.child_parts:
            return PARTS
        most = lane.child_megabytes
        return MEMORY if most is not None and memory.own_bytes(os.getpid()) > most * MEGABYTE else ""

    def is_outgrown(self, lane: Lane, *, taken: int) -> bool:
        """Say whether this process, a worker of threads in `lane` with so many bytes, is to be replaced.

        Never before it has done some parts: a figure that a fresh worker is above would replace one after
        the other.
        """
        most = lane.worker_megabytes
        return most is not None and self.parts >= LEAST_PARTS and taken > most * MEGABYTE


stint = Stint()
