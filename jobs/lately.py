"""What is the same for everybody, kept for a second in each process: many pages ask for it at once."""

import threading
import time
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

Value = TypeVar("Value")


class Lately(Generic[Value]):
    """Values by name, each a second old at most, or as old as the one thread takes that reads it anew.

    Of a school or a person it keeps nothing: who asks is not looked at.
    """

    seconds: ClassVar[float] = 1.0
    """How long a value is used; 0 keeps none, as most tests want it."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        """Read values by `read`."""
        self._read = read
        self._kept: dict[str, tuple[Value, float]] = {}
        self._reading: set[str] = set()
        self._lock = threading.Lock()

    def get(self, name: str) -> Value:
        """Return the value of this name."""
        kept = self._kept.get(name) if self.seconds else None
        if kept is not None and (time.monotonic() < kept[1] or not self._may_read(name)):
            return kept[0]
        try:
            value = self._read(name)
        finally:
            self._reading.discard(name)
        self._kept[name] = value, time.monotonic() + self.seconds
        return value

    def _may_read(self, name: str) -> bool:
        """Whether nobody else reads it now."""
        with self._lock:
            is_free = name not in self._reading
            self._reading.add(name)
        return is_free
