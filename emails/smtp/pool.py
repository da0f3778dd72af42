"""Connections kept open between mails: greeting, encryption and sign-in are paid for once."""

import os
import threading
from collections import defaultdict
from time import monotonic

from emails.smtp.lines import Line
from emails.smtp.routes import Route

TRUSTED_SECONDS = 3.0
"""A connection that was used so recently is not asked whether it is alive: a look at it is enough."""
MOST_KEPT = 32
"""Connections that wait at once for a use of a route."""

Key = tuple[Route, str]


class Pool:
    """The idle connections of this process, by route and use. Any thread may take and give back."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._idle: dict[Key, list[Line]] = defaultdict(list)
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def take(self, route: Route, *, use: str, idle_seconds: float) -> Line:
        """Return a connection that answers, the last one given back first, else a new one.

        One that has waited longer than `idle_seconds` is not used any more.

        Raises:
            RelayAway: there is none to be had.
        """
        while (line := self._pop((route, use))) is not None:
            waited = monotonic() - line.used_at
            if waited > idle_seconds:
                line.quit()
            elif line.has_hung_up() or (waited > TRUSTED_SECONDS and not line.is_alive()):
                line.close()
            else:
                return line
        return Line.connect(route)

    def give_back(self, line: Line, *, use: str, idle_seconds: float) -> None:
        """Keep `line`, of which the relay expects an envelope, and let go of those that waited too long."""
        with self._lock:
            self._idle[line.route, use].append(line)
            leaving = self._outworn(idle_seconds)
        for old in leaving:
            old.quit()

    def close(self) -> None:
        """Take leave of all relays."""
        with self._lock:
            leaving = [line for lines in self._idle.values() for line in lines]
            self._idle.clear()
        for line in leaving:
            line.quit()

    def _pop(self, key: Key) -> Line | None:
        with self._lock:
            return self._idle[key].pop() if self._idle[key] else None

    def _outworn(self, idle_seconds: float) -> list[Line]:
        oldest = monotonic() - idle_seconds
        leaving: list[Line] = []
        for key, lines in self._idle.items():
            kept = [line for line in lines if line.used_at >= oldest][-MOST_KEPT:]
            leaving += [line for line in lines if line not in kept]
            self._idle[key] = kept
        return leaving

    def _forget(self) -> None:
        """In a forked child: the connections are the parent's; close our handles without a word."""
        lines = [line for kept in self._idle.values() for line in kept]
        self._lock = threading.Lock()
        self._idle.clear()
        for line in lines:
            line.close()


pool = Pool()
"""The pool of this process."""
