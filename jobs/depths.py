"""How many doorbells wait, for pages: they do not wait for a broker that hangs.

One thread of a process asks for all its pages; while it has no answer they say that nobody knows.
"""

import threading
import time
from collections.abc import Collection, Mapping

from jobs import publishing

PATIENCE_SECONDS = 0.3
"""So long the page that asks waits; what the broker answers later is not told. Most take milliseconds."""


class Question:
    """One question to the broker, asked in a thread of its own."""

    def __init__(self, lanes: Collection[str]) -> None:
        """Ask for the depths of `lanes`."""
        self._lanes = list(lanes)
        self._found: Mapping[str, int] = {}
        self._until = time.monotonic() + PATIENCE_SECONDS
        self._thread = threading.Thread(target=self._ask, name="depths", daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        self._found = publishing.depths(self._lanes)

    @property
    def is_open(self) -> bool:
        """Whether the broker has not answered and was not given up."""
        return self._thread.is_alive()

    def answer(self) -> Mapping[str, int]:
        """Return the depths by lane, as far as they are known `PATIENCE_SECONDS` after it was asked."""
        self._thread.join(max(0.0, self._until - time.monotonic()))
        return self._found


class Asker:
    """Asks one question at a time."""

    def __init__(self) -> None:
        """Ask nothing yet."""
        self._question: Question | None = None
        self._lock = threading.Lock()

    def depths(self, lanes: Collection[str]) -> Mapping[str, int]:
        """Return how many doorbells wait in each of `lanes` (always the same); none that is not known."""
        with self._lock:
            if self._question is None or not self._question.is_open:
                self._question = Question(lanes)
            question = self._question
        return question.answer()


asker = Asker()
