"""Memory of this host, or of the container that it is cut down to: how many more children it has room for."""

from contextlib import suppress
from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux tells a container its limits, in version 2 of control groups (docs.kernel.org, cgroup-v2)."""
CHILD_BYTES = 64 << 20
"""What a child is taken to need where there is none yet to be measured."""


def available_bytes(*, cgroup: Path = CGROUP) -> int:
    """Return how much memory may still be taken here."""
    available = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # no container, or one without a limit, which says "max"
        most = int((cgroup / "memory.max").read_text())
        available = min(available, most - int((cgroup / "memory.current").read_text()))
    return available


def bytes_of_children() -> int:
    """Return what the largest child of this process has to itself, in bytes."""
    sizes = [0]
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            sizes.append(int(child.memory_full_info().uss))
    return max(sizes) or CHILD_BYTES


def that_fit(wanted: int, *, there: int, available: int, spare: int, each: int) -> int:
    """Return how many children there may be: as many as `wanted`, or as fit into what is `available`.

    `there` are those that there are already; they stay, also when less than `spare` is available. All sizes
    are in bytes; `each` is what one more needs.
    """
    room = max(0, available - spare) // each
    return min(wanted, there + room) if wanted > there else wanted
