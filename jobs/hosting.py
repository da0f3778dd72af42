"""How many worker processes of its lanes this host is to have: one, or more where one is not enough.

A pool grows first, at once and within its process. But all threads of a process share one processor: beyond
`process_workers` of a lane there is another process, and all that are present share its workers.
"""

import os
import socket
from collections.abc import Mapping
from datetime import datetime

from jobs import memory, scaling
from jobs.lanes import Lane
from jobs.roster import hosts_of
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.staffing import staff_of

PROCESS_BYTES = 100 * MEGABYTE
"""What a new process is taken to need; one of threads was measured with 84 MB."""
PROCESSORS = os.cpu_count() or 1


def processes_here(there: Mapping[str, int], *, now: datetime) -> dict[str, int]:
    """Return by lane how many processes this host is to have, where so many are `there`.

    Those there stay when memory is short, and no other one is started then.
    """
    room = memory.available_bytes() - round(switchyard().supervision.spare_megabytes * MEGABYTE)
    fit = {}
    for lane, wanted in _wanted(there, now=now).items():
        fit[lane] = memory.that_fit(wanted, there=there[lane], room=room, each=lambda: PROCESS_BYTES)
        room -= max(0, fit[lane] - there[lane]) * PROCESS_BYTES
    return fit


def _wanted(names: Mapping[str, int], *, now: datetime) -> dict[str, int]:
    lanes = {name: lane for name, lane in switchyard().lanes.items() if name in names}
    split = {name: each for name, lane in lanes.items() if (each := _each(lane)) is not None}
    staff = staff_of({name: lanes[name] for name in split}, now=now)
    hosts = hosts_of(split, now=now)
    here = socket.gethostname()
    return dict.fromkeys(lanes, 1) | {
        name: scaling.processes_of(
            staff[name].workers,
            each=each,
            place=sorted({here, *hosts[name]}).index(here),
            hosts=len({here, *hosts[name]}),
            most=PROCESSORS,
        )
        for name, each in split.items()
    }


def _each(lane: Lane) -> int | None:
    """Return how many parts one process of `lane` works on; children have a processor each, as it is."""
    return lane.process_workers if lane.pool == "threads" else None
