"""Hearing that the yard is asked to end: Ctrl-C, TERM, or the terminal closed."""

import signal
import threading

from jobs.asked import set_when_asked


class AskedToEnd(Exception):
    """Someone asked the yard to end."""


class Asking:
    """Remembers the first such signal; later ones change nothing."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._asked = threading.Event()

    def listen(self) -> None:
        """Hear the signals from now on."""
        set_when_asked(self._asked, signals=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP))

    @property
    def is_heard(self) -> bool:
        """Whether the yard was asked to end."""
        return self._asked.is_set()

    def check(self) -> None:
        """Return when nobody has asked.

        Raises:
            AskedToEnd: someone has.
        """
        if self.is_heard:
            raise AskedToEnd

    def wait(self, seconds: float) -> bool:
        """Wait `seconds` at most and return whether someone has asked."""
        return self._asked.wait(seconds)
