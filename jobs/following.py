"""Following the newest version of the settings, in each process by itself."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from jobs.setting_fields import WrongSetting

if TYPE_CHECKING:
    from jobs.settings import Switchyard

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""So long a process goes on with the version that it knows before it asks for a newer one."""


@dataclass(frozen=True, kw_only=True)
class Newest:
    """The newest version of the settings."""

    number: int
    """0 when there is none."""
    overrides: Mapping[str, Any]


class Follower:
    """The settings in force in this process. Of its threads one asks, the others use what is known."""

    def __init__(self, *, read: "Callable[[Mapping[str, Any]], Switchyard]") -> None:
        """Make settings of overrides by `read`; until `follow` is called there are none."""
        self._read = read
        self._newest: Callable[[], Newest | None] | None = None
        self._known: Newest | None = None
        self._settings: Switchyard | None = None
        self._look_at = 0.0
        self._looking = threading.Lock()
        os.register_at_fork(after_in_child=self._unlock)

    @property
    def number(self) -> int:
        """The number of the version in force; 0 when there is none."""
        return self._known.number if self._known else 0

    def follow(self, newest: Callable[[], Newest | None] | None) -> None:
        """Ask `newest` from now on; it returns None when it cannot tell at the moment."""
        self._newest = newest
        self.forget()

    def forget(self) -> None:
        """Know nothing any more: the next call reads anew."""
        self._known, self._settings, self._look_at = None, None, 0.0

    def now(self) -> "Switchyard":
        """Return the settings in force, no more than a second old where the newest version can be asked for.

        Raises:
            WrongSetting: the settings without overrides cannot work.
        """
        if self._newest is not None and time.monotonic() >= self._look_at:
            self._look_unless_another_does()
        if (known := self._settings) is not None:
            return known
        self._settings = found = self._read({})
        return found

    def look(self) -> None:
        """Ask for the newest version and put it in force."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        newest = self._newest() if self._newest is not None else None
        if newest is None or newest == self._known:
            return
        self._settings, self._known = self._read_or_refuse(newest), newest

    def _look_unless_another_does(self) -> None:
        # Who knows nothing yet must wait for the answer: a job would be routed by rules of yesterday.
        if self._looking.acquire(blocking=self._known is None):
            try:
                if time.monotonic() >= self._look_at:
                    self.look()
            finally:
                self._looking.release()

    def _read_or_refuse(self, newest: Newest) -> "Switchyard":
        """Return the settings of `newest`; those of the file when a new file does not fit the overrides."""
        try:
            return self._read(newest.overrides)
        except WrongSetting as error:
            if not newest.overrides:
                raise
            log.exception("overrides_refused", version=newest.number, setting=error.name)
            return self._read({})

    def _unlock(self) -> None:
        self._looking = threading.Lock()
