"""One mapping of a tail for all threads of a process, however many connections send it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emails.smtp.tails import Tail

File = tuple[int, int]
"""Device and inode."""


@dataclass(kw_only=True)
class _Shared:
    tail: Tail
    users: int = 0


class Mappings:
    """The tails that this process looks at now."""

    def __init__(self) -> None:
        """Look at none."""
        self._shared: dict[File, _Shared] = {}
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    @contextmanager
    def tail(self, descriptor: int) -> Iterator[Tail]:
        """Return the tail in the open file `descriptor`, mapped while anybody is within such a block."""
        status = os.fstat(descriptor)
        file = (status.st_dev, status.st_ino)
        with self._lock:
            shared = self._shared.get(file) or _Shared(tail=Tail(descriptor))
            self._shared[file] = shared
            shared.users += 1
        try:
            yield shared.tail
        finally:
            self._leave(file, shared)

    def _leave(self, file: File, shared: _Shared) -> None:
        with self._lock:
            shared.users -= 1
            if not shared.users:
                # A forked child has none of its parent's.
                self._shared.pop(file, None)
                shared.tail.close()

    def _forget(self) -> None:
        """In a forked child: what the parent's threads look at is theirs."""
        self._shared = {}
        self._lock = threading.Lock()


mappings = Mappings()
"""The mappings of this process."""
