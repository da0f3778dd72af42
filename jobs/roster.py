"""The roster: what the supervisors of all hosts tell of the lanes that they keep at work, for the pages."""

import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import F, QuerySet

from jobs.adopting import Adopted
from jobs.crew import Crew, LostWorker
from jobs.handover import LanePost
from jobs.models import KeptLane, Sweep, WorkerPresence
from jobs.presence import worker_name
from jobs.settings import switchyard

TELL = timedelta(seconds=2)
"""How often a supervisor says that it lives."""
UNHEARD = timedelta(seconds=15)
"""A supervisor that said nothing for so long is gone, or cannot reach the database."""
MISSED_SWEEPS = 3
"""So many in a row are told, where sweeps are rare."""


class Roster:
    """Writes down the lanes of one supervisor, this process, each with its first worker."""

    def __init__(self, crew: Crew) -> None:
        """Tell of `crew`; nothing is told yet."""
        self._crew = crew
        self._told: list[int | None] = []
        self._tell_at: datetime | None = None

    def take_turn(self, *, now: datetime) -> None:
        """Tell when a worker is another one, and every two seconds."""
        posts = [post for post in self._crew.posts if post.place == 0]
        processes = [post.process.pid if post.process else None for post in posts]
        if processes == self._told and self._tell_at is not None and now < self._tell_at:
            return
        told = ["supervisor", "seen_at", "worker", "is_adopted"]
        KeptLane.objects.bulk_create(
            [_row(post, now=now) for post in posts],
            update_conflicts=True,
            unique_fields=["host", "lane"],
            update_fields=told,
        )
        self._told, self._tell_at = processes, now + TELL


def leave(lanes: Collection[str]) -> None:
    """Take back what was told of `lanes`: their supervisor on this host ends in order."""
    if lanes:
        _here(lanes).delete()


def hosts_of(lanes: Collection[str], *, now: datetime) -> Mapping[str, list[str]]:
    """Return by lane the names of the hosts whose supervisors keep it at work now, if there are any."""
    heard = KeptLane.objects.filter(lane__in=lanes, seen_at__gte=now - UNHEARD).order_by("host")
    hosts: dict[str, list[str]] = {lane: [] for lane in lanes}
    for lane, host in heard.values_list("lane", "host"):
        hosts[lane].append(host)
    return hosts


def note_end(lost: LostWorker, *, now: datetime) -> None:
    """Count the end of a worker of this host, and keep what ended it."""
    _here([lost.lane]).update(ends=F("ends") + 1, ended_at=now, ended_how=lost.how)


def forget_gone(*, before: datetime) -> None:
    """Forget the lanes of hosts where neither a supervisor nor a worker was heard since `before`."""
    at_work = WorkerPresence.objects.values("name")
    KeptLane.objects.filter(seen_at__lt=before).exclude(worker__in=at_work).delete()


@dataclass(frozen=True, kw_only=True)
class Unwatched:
    """Lanes of a host whose supervisor is gone."""

    host: str
    since: datetime
    lanes: list[str]


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Who looks after the workers of all hosts."""

    kept: list[KeptLane]
    """The lanes that supervisors keep at work, or kept while they lived."""
    heard_since: datetime
    """A supervisor that said nothing since then is gone."""
    unserved: list[str]
    """The lanes that no supervisor of any host keeps at work."""
    unswept_since: datetime | None
    """When a supervisor swept last, if that is too long ago."""

    def is_heard(self, lane: KeptLane) -> bool:
        """Say whether the supervisor of `lane` lives."""
        return lane.seen_at >= self.heard_since

    @property
    def unwatched(self) -> list[Unwatched]:
        """The lanes that no supervisor keeps at work any more, together by host and supervisor."""
        gone = sorted((lane for lane in self.kept if not self.is_heard(lane)), key=_supervisor)
        together = [list(lanes) for _, lanes in groupby(gone, key=_supervisor)]
        return [
            Unwatched(
                host=lanes[0].host,
                since=max(lane.seen_at for lane in lanes),
                lanes=[lane.lane for lane in lanes],
            )
            for lanes in together
        ]


def watch_now(*, now: datetime) -> Watch:
    """Return who looks after the workers now."""
    swept_at = Sweep.objects.values_list("at", flat=True).first()
    patience = max(UNHEARD, timedelta(seconds=MISSED_SWEEPS * switchyard().supervision.sweep_seconds))
    is_unswept = swept_at is not None and swept_at < now - patience
    kept = list(KeptLane.objects.all())
    served = {lane.lane for lane in kept if lane.seen_at >= now - UNHEARD}
    return Watch(
        kept=kept,
        heard_since=now - UNHEARD,
        unserved=[lane for lane in switchyard().lanes if lane not in served],
        unswept_since=swept_at if is_unswept else None,
    )


def _supervisor(lane: KeptLane) -> tuple[str, int]:
    return lane.host, lane.supervisor


def _here(lanes: Collection[str]) -> QuerySet[KeptLane]:
    return KeptLane.objects.filter(host=socket.gethostname(), lane__in=lanes)


def _row(post: LanePost, *, now: datetime) -> KeptLane:
    process = post.process
    return KeptLane(
        host=socket.gethostname(),
        lane=post.name,
        supervisor=os.getpid(),
        seen_at=now,
        kept_since=now,
        worker=worker_name(lane=post.name, pid=process.pid) if process else "",
        is_adopted=isinstance(process, Adopted),
    )
