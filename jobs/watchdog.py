"""Signs of life to whoever started us: a service manager, by systemd's sd_notify(3), or `make run`.

A process that stands still cannot give any: systemd ends and restarts one that was silent for `WatchdogSec`,
and the yard of `make run` does the same (`switchyard.yard.vigil`).
"""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from jobs.pulses import Pulse

TELL_SECONDS = 1.0
"""Once in so long it is told, however often we are asked to."""


class Watchdog:
    """Tells whoever started us that this process gets on; without anybody, nothing."""

    def __init__(self, *, pipe: Path | None = None) -> None:
        """Find the service manager that the environment names; somebody may listen at `pipe` besides."""
        self._address = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._pulse = Pulse(to=pipe) if pipe else None
        self._told_at = 0.0

    def tell(self) -> None:
        """Say that we get on; one that does not listen is no reason to wait or to end."""
        if time.monotonic() - self._told_at < TELL_SECONDS:
            return
        self._told_at = time.monotonic()
        if self._pulse:
            self._pulse.beat()
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.settimeout(0)
                manager.sendto(b"READY=1\nWATCHDOG=1", self._address)
