"""Memory of this host, or of the container that it is cut down to: how many more children it has room for."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux tells a container its limits, in version 2 of control groups (docs.kernel.org, cgroup-v2)."""
CHILD_BYTES = 64 << 20
"""What a child is taken to need at least: one that has done nothing yet shares nearly all with its worker."""


def available_bytes(*, cgroup: Path = CGROUP) -> int:
    """Return how much memory may still be taken here."""
    available = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError, KeyError):  # no container, or one without a limit, which says "max"
        most = int((cgroup / "memory.max").read_text())
        # The kernel gives files' pages back that nobody used lately; Kubernetes reckons so too.
        figures = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
        used = int((cgroup / "memory.current").read_text()) - int(figures["inactive_file"])
        available = min(available, most - used)
    return available


def own_bytes(process: int) -> int:
    """Return how many bytes `process` has in memory that are of no file: others the system can give away.

    Raises:
        psutil.Error: there is none, or it is not ours.
    """
    told = psutil.Process(process).memory_info()
    return int(told.rss - getattr(told, "shared", 0))


def all_children_bytes() -> int:
    """Return how many bytes all children of this process have, with what they share counted for each."""
    taken = 0
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            taken += own_bytes(child.pid)
    return taken


def wanted_bytes() -> int:
    """Return the bytes that this process asked for, as RLIMIT_DATA counts them; 0 where nobody does."""
    return int(getattr(psutil.Process().memory_info(), "data", 0))


def largest_child_bytes() -> int:
    """Return what the largest child of this process has to itself, in bytes; `CHILD_BYTES` at least."""
    sizes = [CHILD_BYTES]
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            sizes.append(int(child.memory_full_info().uss))
    return max(sizes)


def that_fit(wanted: int, *, there: int, room: int, each: Callable[[], int]) -> int:
    """Return how many children there may be: as many as `wanted`, or as fit into the `room` that is left.

    `there` are those that there are already; they stay, also when there is no room. Sizes are in bytes;
    `each` tells what one more needs, and is asked only where that matters.
    """
    if wanted <= there or room <= 0:
        return min(wanted, there)
    return min(wanted, there + room // each())
