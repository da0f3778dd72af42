"""The order in which a yard ends: what takes work first, then what works, then what the work needs."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping

from jobs.posts import end
from switchyard.yard.programs import Child

# What the mail in hand still needs: asked to end only when the workers have.
NEEDED_BY_WORK = ("mail-catcher", "valkey", "postgres")
# Seconds after the wish to end. The web has the first moment for itself; then the supervisor lets its
# workers finish, up to six seconds, and says so in the database; what they used has the rest of ten.
WEB_ALONE, PLATFORM_KILLED, BROKER_KILLED, POSTGRES_KILLED = 0.5, 7.0, 8.0, 9.3


def end_in_order(
    children: Mapping[str, Child], *, end_others: Callable[[float], None], say: Callable[[str], None]
) -> None:
    """End `children`, by name, within ten seconds; those that do not end in time are killed.

    `end_others` asks what belongs to none of them, the workers of a supervisor that died, to end, and kills
    them at a time of time.monotonic: they must not outlive the platform.
    """
    began = time.monotonic()
    ending = _Ending(children, say=say)
    ending.ask("web")
    ending.leave_time("web", deadline=began + WEB_ALONE)
    platform = [name for name in children if name not in NEEDED_BY_WORK]
    ending.ask(*(name for name in platform if name != "web"))
    ending.require(*platform, deadline=began + PLATFORM_KILLED)
    end_others(began + PLATFORM_KILLED)
    ending.ask("mail-catcher", "valkey")
    ending.require("mail-catcher", "valkey", deadline=began + BROKER_KILLED)
    ending.ask("postgres")
    ending.require("postgres", deadline=began + POSTGRES_KILLED)


class _Ending:
    """The children that are being ended."""

    def __init__(self, children: Mapping[str, Child], *, say: Callable[[str], None]) -> None:
        self._children = children
        self._say = say

    def _named(self, names: Iterable[str]) -> list[Child]:
        return [self._children[name] for name in names if name in self._children]

    def ask(self, *names: str) -> None:
        """Ask them to end."""
        for child in self._named(names):
            child.terminate()

    def leave_time(self, name: str, *, deadline: float) -> None:
        """Wait for its end until `deadline`, and kill nothing."""
        for child in self._named([name]):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.0, deadline - time.monotonic()))

    def require(self, *names: str, deadline: float) -> None:
        """Wait for their ends until `deadline`, then kill."""
        for child in self._named(names):
            if end(child, deadline=deadline):
                self._say(f"{child.program.name} did not end in time and was killed.")
