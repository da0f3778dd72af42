"""One lane's line in the simulation: the schools that wait in it, and whose piece is next."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simpy import Event

from jobs import accounts
from jobs.lanes import Lane
from jobs.simulation.arrivals import Arrival, Piece
from jobs.simulation.buckets import Limit
from jobs.simulation.depth import Depth
from jobs.usefulness import Amount, Key

Steps = Generator[Event, Any, None]
OPEN_SOON = 1e-9
"""Seconds added to the moment at which a limit opens, so that rounding cannot leave it closed."""


@dataclass(kw_only=True)
class Run:
    """A job on its way through the simulation."""

    arrival: Arrival
    stage: int = 0
    open_pieces: int = 0
    started_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, order=True)
class Waiting:
    """A piece in line; it compares as the claim orders a school's parts."""

    negative_priority: int
    asked_at: float
    """When its job was asked for: the older job goes first, with all its pieces."""
    number: int
    """Grows with each piece, as parts' ids do."""
    piece: Piece = field(compare=False)
    run: Run = field(compare=False)


class Line:
    """What waits in one lane, handed out as `jobs.claiming` does.

    Fair by cost: of the schools with pieces that no limit and no cap holds back, the one that has used
    the least; of its pieces the first by priority and age.
    """

    def __init__(
        self,
        lane: Lane,
        *,
        weights: Mapping[int, float],
        slugs: Mapping[int, str],
        services: Mapping[str, Limit],
    ) -> None:
        """Open the line of `lane`; `weights` (1 where none is given) and `slugs` are those of schools.

        A vital lane neither waits for the limits of outside `services` nor pays them, as in `jobs.drawing`.
        """
        self.lane = lane
        self.workers = lane.workers
        """How many workers the lane has now."""
        self.waiting = 0
        """Pieces in line, whether they may start or not."""
        self._depth = Depth(part_seconds=lane.part_seconds)
        self._weights = weights
        self._services = {} if lane.is_vital else services
        self._limit = Limit.of(lane)
        self._slugs = slugs
        self._school_limits: dict[int, Limit] = {}
        self._waiting: defaultdict[int, list[Waiting]] = defaultdict(list)
        self._used: dict[int, float] = {}
        self._by_school: Counter[int] = Counter()
        self._outside: Counter[str] = Counter()
        """The same by outside service alone."""
        self.working: Counter[Key] = Counter()
        """Pieces at work by school and outside service."""
        self.overdue = Amount()
        """Those of them that take longer than a part should."""
        self._number = 0

    def join(self, run: Run, piece: Piece, *, now: float) -> None:
        """Put `piece` in line at `now`; a school that had nothing here starts level with the others."""
        school = run.arrival.school
        if not self._waiting[school]:
            self._used[school] = max(self._used.get(school, 0.0), self._level())
        self._number += 1
        waiting = Waiting(-run.arrival.priority, run.arrival.at, self._number, piece, run)
        heapq.heappush(self._waiting[school], waiting)
        self.waiting += 1
        self._depth.join((school, piece.service), self._number, piece, now=now)

    def take(self, *, now: float) -> Waiting | None:
        """Hand out the next piece, and charge the school and the limits; None when nothing may start."""
        if self._limit.opens_at(now=now) > now:
            return None
        open_schools = (school for school in self._schools() if self._opens_at(school, now=now) <= now)
        school = min(open_schools, key=lambda each: (self._used[each], each), default=None)
        if school is None:
            return None
        taken = heapq.heappop(self._waiting[school])
        self.waiting -= 1
        self._depth.leave((school, taken.piece.service), taken.number, taken.piece)
        self._by_school[school] += 1
        self._outside[taken.piece.service] += 1
        self.working[school, taken.piece.service] += 1
        self._note_overdue(taken.piece, parts=1)
        self._used[school] += self.lane.part_seconds / self._weight(school)
        for limit in self._limits(school, taken.piece):
            limit.draw(units=taken.piece.units, bytes_=taken.piece.bytes, now=now)
        return taken

    def leave(self, taken: Waiting) -> None:
        """Note that a piece has ended, and settle what its school was charged."""
        school = taken.run.arrival.school
        key = (school, taken.piece.service)
        self._by_school[school] -= 1
        self._outside[taken.piece.service] -= 1
        self.working[key] -= 1
        self._note_overdue(taken.piece, parts=-1)
        if not self.working[key]:
            del self.working[key]
        counts = self._counts(taken.piece)
        self._used[school] += (counts - self.lane.part_seconds) / self._weight(school)

    def _note_overdue(self, piece: Piece, *, parts: int) -> None:
        if piece.seconds > self.lane.part_seconds:
            self.overdue.add(parts=parts, seconds=piece.seconds, units=piece.units, bytes_=piece.bytes)

    def opens_in(self, *, now: float) -> float:
        """Return the seconds until a limit lets the next piece through; infinite when none waits for one."""
        own = self._limit.opens_at(now=now)
        moments = (max(own, self._opens_at(school, now=now)) for school in self._schools())
        return min(moments, default=math.inf) - now + OPEN_SOON

    @property
    def slugs(self) -> Mapping[int, str]:
        """The schools' short names by id."""
        return self._slugs

    def claimable(self, *, now: float) -> tuple[dict[Key, Amount], float]:
        """Return what waits and may start now, and for how many seconds the oldest of it has waited."""
        if self._limit.opens_at(now=now) > now:
            return {}, 0.0
        return self._depth.claimable(lambda key: self._key_opens_at(key, now=now) <= now, now=now)

    def _opens_at(self, school: int, *, now: float) -> float:
        return self._key_opens_at((school, self._waiting[school][0].piece.service), now=now)

    def _key_opens_at(self, key: Key, *, now: float) -> float:
        (school, name), most = key, self.lane.service_workers
        cap = self.lane.school_workers
        if cap is not None and self._by_school[school] >= cap:
            return math.inf
        if name and most is not None and self._outside[name] >= most:
            return math.inf
        service = self._services.get(name)
        at_service = now if service is None else service.opens_at(now=now)
        return max(at_service, self._limit_of(school).opens_at(now=now))

    def _counts(self, piece: Piece) -> float:
        """Return what the piece counts in its school's account, as `jobs.charging` has it."""
        shared = [self._limit, *([self._services[piece.service]] if piece.service in self._services else [])]
        limited = [
            span for limit in shared for span in limit.seconds_for(units=piece.units, bytes_=piece.bytes)
        ]
        return accounts.counted(seconds=piece.seconds, limited=limited, workers=self.workers)

    def _limits(self, school: int, piece: Piece) -> list[Limit]:
        limits = [self._limit, self._limit_of(school)]
        return [*limits, self._services[piece.service]] if piece.service in self._services else limits

    def _schools(self) -> list[int]:
        return [school for school, waiting in self._waiting.items() if waiting]

    def _level(self) -> float:
        """Return where a school that comes back starts: see `jobs.shares`."""
        busy = [self._used[school] for school in self._schools()]
        return min(busy) if busy else max(self._used.values(), default=0.0)

    def _weight(self, school: int) -> float:
        return self._weights.get(school, 1.0)

    def _limit_of(self, school: int) -> Limit:
        if school not in self._school_limits:
            own = self.lane.limits_of_school(self._slugs.get(school, ""))
            rates = {measure: rate for measure, _, rate in own}
            self._school_limits[school] = Limit(
                rate=rates["units"], burst=None, bytes_rate=rates["bytes"], bytes_burst=None
            )
        return self._school_limits[school]
