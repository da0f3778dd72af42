"""Signs of life to the service manager that started us, by systemd's protocol (sd_notify(3)).

A process that stands still cannot say so: systemd ends and restarts one that was silent for `WatchdogSec`.
"""

import os
import socket
import time
from contextlib import suppress

TELL_SECONDS = 1.0
"""Once in so long it is told, however often we are asked to."""


class Watchdog:
    """Tells the service manager that this process gets on; without one, nothing."""

    def __init__(self) -> None:
        """Find whom the environment names."""
        self._address = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._told_at = 0.0

    def tell(self) -> None:
        """Say that we get on; a manager that does not listen is no reason to wait or to end."""
        if not self._address or time.monotonic() - self._told_at < TELL_SECONDS:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(0)
            manager.sendto(b"READY=1\nWATCHDOG=1", self._address)
        self._told_at = time.monotonic()
