"""Which parts a worker's forked children are at: they tell it through a pipe, in case one of them dies."""

import os
import struct
import threading
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from jobs.stints import WHYS

NOTICE = struct.Struct("=iqqqqB")
READ_BYTES = NOTICE.size * 200

Claimed = tuple[int, int]
"""A part's id and its fence."""


class _Word(IntEnum):
    """What a notice says."""

    BEGINS = 1
    WORKS = 2
    RESTS = 3
    ENDS = 4
    LEAVES = 5


@dataclass(frozen=True, kw_only=True)
class AtWork:
    """The one part that a child works on at this moment, under a ceiling."""

    claimed: Claimed
    began_with: int
    """Bytes of memory that the child had before."""
    ceiling: int
    """Bytes that it may take besides."""


class Notices:
    """The pipe; children write into it, their worker reads.

    Honest limit: where the pipe is full, a notice is left out. A part without one waits for its lease's end.
    """

    def __init__(self) -> None:
        """Open the pipe, before the first child is forked."""
        self._ear, self._pipe = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._pipe, False)
        self._listening = threading.Lock()
        self._at: defaultdict[int, set[Claimed]] = defaultdict(set)
        self._at_work: dict[int, AtWork] = {}
        self._leaving: dict[int, str] = {}

    def begin(self, part: int, fence: int) -> None:
        """Say that this process has claimed `part`, and is at it."""
        self._tell(_Word.BEGINS, part, fence)

    def work(self, part: int, fence: int, *, began_with: int, ceiling: int) -> None:
        """Say that this process, which has so many bytes of memory, works on `part` now.

        It may take `ceiling` more.
        """
        self._tell(_Word.WORKS, part, fence, began_with, ceiling)

    def rest(self, part: int, fence: int) -> None:
        """Say that no ceiling holds for `part` any more."""
        self._tell(_Word.RESTS, part, fence)

    def end(self, part: int, fence: int) -> None:
        """Say that this process is at `part` no more."""
        self._tell(_Word.ENDS, part, fence)

    def leave(self, why: str) -> None:
        """Say that this process is to be replaced, after the doorbell that it has: one of `WHYS`."""
        self._tell(_Word.LEAVES, WHYS.index(why), 0)

    def _tell(self, word: _Word, part: int, fence: int, began_with: int = 0, ceiling: int = 0) -> None:
        with suppress(OSError):
            os.write(self._pipe, NOTICE.pack(os.getpid(), part, fence, began_with, ceiling, word))

    def listen(self) -> None:
        """Take in what was told; call it every second or so, that the pipe does not fill."""
        with self._listening:
            while True:
                try:
                    words = os.read(self._ear, READ_BYTES)
                except BlockingIOError:
                    return
                for process, part, fence, began_with, ceiling, word in NOTICE.iter_unpack(words):
                    work = AtWork(claimed=(part, fence), began_with=began_with, ceiling=ceiling)
                    self._take_in(process, word, work)

    def _take_in(self, process: int, word: int, work: AtWork) -> None:
        if word == _Word.LEAVES:
            self._leaving[process] = WHYS[work.claimed[0]]
        if word == _Word.BEGINS:
            self._at[process].add(work.claimed)
        if word == _Word.ENDS:
            self._at[process].discard(work.claimed)
        if word in {_Word.RESTS, _Word.ENDS}:
            self._at_work.pop(process, None)
        if word == _Word.WORKS:
            self._at_work[process] = work

    def at_work(self) -> Mapping[int, AtWork]:
        """Return, by process, what is worked on under a ceiling."""
        self.listen()
        return dict(self._at_work)

    def why_leaves(self, process: int) -> str:
        """Return why `process` said that it is to be replaced; empty if it did not."""
        self.listen()
        return self._leaving.get(process, "")

    def left_by(self, process: int) -> set[Claimed]:
        """Return what `process`, which has ended, was at, and forget it: ids are used again."""
        self.listen()
        self._at_work.pop(process, None)
        self._leaving.pop(process, None)
        return self._at.pop(process, set())

    def close(self) -> None:
        """Close both ends."""
        os.close(self._ear)
        os.close(self._pipe)
