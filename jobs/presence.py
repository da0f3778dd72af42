"""A worker says every two seconds that it lives."""

import os
import socket
import threading
from collections.abc import Collection, Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import connection
from django.db.models import Sum
from django.db.utils import Error as DatabaseError
from django.utils import timezone

from jobs import memory
from jobs.lanes import Lane
from jobs.models import WorkerPresence
from jobs.settings import switchyard
from jobs.stints import stint

log = structlog.get_logger()

BEAT_SECONDS = 2
GOODBYE_SECONDS = 2
TOLD = (
    "lane",
    "slots",
    "slots_kept_back",
    "memory_bytes",
    "is_outgrown",
    "started_at",
    "beat_at",
    "hand_back_at",
)
"""What each sign of life says."""
PRESENT = timedelta(seconds=10)
"""A worker whose last beat is older is not counted as present."""


def worker_name(*, lane: str, pid: int) -> str:
    """Return the name of the worker process `pid` of this host: as Celery, Flower and parts know it."""
    return f"{lane}@{socket.gethostname()}-{pid}"


def host_of(worker: str) -> str:
    """Return the host in a worker's name."""
    return worker.partition("@")[2].rpartition("-")[0]


class Present(NamedTuple):
    """What the workers of a lane that are present can do at once."""

    slots: int = 0
    kept_back: int = 0
    """How many slots more there would be but for the memory that hosts keep free."""


def present_in(lanes: Collection[str], *, now: datetime) -> Mapping[str, Present]:
    """Return by lane what the workers that are present can do at once; lanes without any are left out."""
    present = WorkerPresence.objects.filter(beat_at__gte=now - PRESENT, lane__in=lanes)
    rows = present.values_list("lane").annotate(Sum("slots"), Sum("slots_kept_back"))
    return {lane: Present(slots, kept_back) for lane, slots, kept_back in rows}


def present_slots(lanes: Collection[str], *, now: datetime) -> Mapping[str, int]:
    """Return by lane how many parts the workers that are present can do at once."""
    return {lane: present.slots for lane, present in present_in(lanes, now=now).items()}


def slots_in(lane: Lane, *, now: datetime) -> int:
    """Return how many parts the present workers of `lane` do at once; while there are none, what is set."""
    return present_slots([lane.name], now=now).get(lane.name) or lane.workers


class Beat:
    """The sign of life of one worker, from a thread and a database connection of its own.

    It says that the process runs, not that it gets on: a hung part is found by its time limit. The
    supervisor does not judge by it, but by `jobs.pulses`: nobody beats while the database is away.
    """

    def __init__(
        self, *, worker: str, lane: str, slots: int, now: datetime, has_children: bool = False
    ) -> None:
        """Prepare the sign of life of `worker`, which works on `slots` parts of `lane` at once.

        Where it `has_children`, forked ones, their memory counts as its own.
        """
        self._has_children = has_children
        self._presence = WorkerPresence(name=worker, lane=lane, slots=slots, started_at=now)
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        """Begin; call it when the worker is ready for its first doorbell."""
        self._thread.start()

    def hand_back(self, *, at: datetime) -> None:
        """Let the parts at hand go back at `at`; the leases' keepers in this worker's processes read it.

        May be called by a signal's handler: the thread says it, at once.
        """
        self._presence.hand_back_at = at
        self._news.set()

    def resize(self, slots: int, *, kept_back: int = 0) -> None:
        """Say, at once, that the worker works on so many parts at once now.

        So many more would fit but for the memory that is kept free.
        """
        self._presence.slots, self._presence.slots_kept_back = slots, kept_back
        self._news.set()

    def stop(self) -> None:
        """Take the sign of life back, if the database lets us within two seconds."""
        self._stopping.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(timeout=GOODBYE_SECONDS)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.weigh()
                self.say(now=timezone.now())
                self._news.wait(BEAT_SECONDS)
                self._news.clear()
            WorkerPresence.objects.filter(name=self._presence.name).delete()
        except DatabaseError as error:
            log.warning("presence_not_taken_back", worker=self._presence.name, error=type(error).__name__)
        finally:
            connection.close()

    def weigh(self) -> None:
        """Look how much memory the worker has, and whether that is too much."""
        own = memory.own_bytes(os.getpid())
        lane = switchyard().lanes.get(self._presence.lane)
        self._presence.memory_bytes = own + (memory.all_children_bytes() if self._has_children else 0)
        self._presence.is_outgrown = lane is not None and stint.is_outgrown(lane, taken=own)

    def say(self, *, now: datetime) -> bool:
        """Write the sign of life and return whether the database took it; it may restart meanwhile."""
        # Django fills in what the database returns: into a copy, since others may say something meanwhile.
        said = copy(self._presence)
        said.beat_at = now
        try:
            WorkerPresence.objects.bulk_create(
                [said],
                update_conflicts=True,
                unique_fields=["name"],
                update_fields=TOLD,
            )
        except DatabaseError as error:
            log.warning("presence_not_said", worker=self._presence.name, error=type(error).__name__)
            connection.close()
            return False
        return True
