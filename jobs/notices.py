"""Which parts a worker's forked children are at: they tell it through a pipe, in case one of them dies."""

import os
import struct
from collections import defaultdict
from contextlib import suppress

NOTICE = struct.Struct("=iqq?")
READ_BYTES = NOTICE.size * 200

Claimed = tuple[int, int]
"""A part's id and its fence."""


class Notices:
    """The pipe; children write into it, their worker reads.

    Honest limit: where the pipe is full, a notice is left out. A part without one waits for its lease's end.
    """

    def __init__(self) -> None:
        """Open the pipe, before the first child is forked."""
        self._ear, self._pipe = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._pipe, False)
        self._at: defaultdict[int, set[Claimed]] = defaultdict(set)

    def begin(self, part: int, fence: int) -> None:
        """Say that this process works on `part`."""
        self._tell(part, fence, begins=True)

    def end(self, part: int, fence: int) -> None:
        """Say that this process works on `part` no more."""
        self._tell(part, fence, begins=False)

    def _tell(self, part: int, fence: int, *, begins: bool) -> None:
        with suppress(OSError):
            os.write(self._pipe, NOTICE.pack(os.getpid(), part, fence, begins))

    def listen(self) -> None:
        """Take in what was told; call it every second or so, that the pipe does not fill."""
        while True:
            try:
                words = os.read(self._ear, READ_BYTES)
            except BlockingIOError:
                return
            for process, part, fence, begins in NOTICE.iter_unpack(words):
                claimed = self._at[process]
                claimed.add((part, fence)) if begins else claimed.discard((part, fence))

    def left_by(self, process: int) -> set[Claimed]:
        """Return what `process`, which has ended, was at, and forget it: ids are used again."""
        self.listen()
        return self._at.pop(process, set())

    def close(self) -> None:
        """Close both ends."""
        os.close(self._ear)
        os.close(self._pipe)
