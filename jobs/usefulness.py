"""How many workers a lane's limits and caps can keep busy with what it has to do, as plain arithmetic."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jobs import scaling
from jobs.lanes import Lane
from jobs.scaling import Load
from jobs.sections import Service

LATELY_SECONDS = 300.0
"""The parts that were done since then tell how long one takes now."""
MOST_DONE = 500
"""So many of them, the newest, tell enough."""

Key = tuple[int, str]
"""A school's id, and the outside service that its parts go to; empty for none."""


@dataclass(kw_only=True)
class Amount:
    """Some parts together: what they took or are taken to take, and what they draw on limits."""

    parts: int = 0
    seconds: float = 0.0
    units: int = 0
    bytes: int = 0

    def add(self, *, seconds: float, units: int, bytes_: int, parts: int = 1) -> None:
        """Count so many more parts; fewer where `parts` is -1."""
        self.parts += parts
        self.seconds += parts * seconds
        self.units += parts * units
        self.bytes += parts * bytes_


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a lane has to do, and how it went lately."""

    waiting: Mapping[Key, Amount]
    """What could be claimed now."""
    working: Mapping[Key, int]
    """Parts at work."""
    done: Mapping[str, Amount]
    """What was done lately, by outside service."""
    overdue: Amount = field(default_factory=Amount)
    """What is done of the parts at work that take longer than parts should: seconds and units so far."""

    @property
    def waiting_parts(self) -> int:
        """How many parts could be claimed now."""
        return sum(amount.parts for amount in self.waiting.values())

    def load(self, *, lane: Lane, at_work: int, oldest_seconds: float, most_useful: float = math.inf) -> Load:
        """Return what `lane` has to do, where so many workers are at work and the oldest waits so long."""
        return Load(
            waiting=self.waiting_parts,
            working=at_work,
            oldest_seconds=oldest_seconds,
            part_seconds=self.part_seconds(usual=lane.part_seconds),
            promise_seconds=lane.promise_seconds,
            most_useful=most_useful,
        )

    def part_seconds(self, *, usual: float) -> float:
        """Return what a part takes; `usual` where none was done lately.

        Where parts take so long that none was done yet, those at work tell.
        """
        parts = sum(amount.parts for amount in self.done.values())
        seconds = sum(amount.seconds for amount in self.done.values())
        took = seconds / parts if parts and seconds > 0 else usual
        if not self.overdue.units or not self.waiting_parts:
            return took
        units = sum(amount.units for amount in self.waiting.values()) / self.waiting_parts
        return max(took, self.overdue.seconds / self.overdue.units * units)


NOTHING_WAITS = Work(waiting={}, working={}, done={})


@dataclass(frozen=True, kw_only=True)
class _Limit:
    rate: float
    counts_bytes: bool
    service: str = ""

    def concerns(self, service: str) -> bool:
        return self.service in ("", service)


def most_useful(
    work: Work, *, lane: Lane, services: Mapping[str, Service], slugs: Mapping[int, str]
) -> float:
    """Return how many workers what `lane` has to do can keep busy, as far as limits and caps tell.

    `slugs` are schools' short names by id, where some of them have limits of their own. Honest limit: what
    other lanes draw on a service is not counted.
    """
    open_parts = Counter(work.working)
    open_parts.update({key: amount.parts for key, amount in work.waiting.items()})
    bounds = [
        _useful(limit, work=work, open_parts=open_parts) for limit in _shared_limits(lane, services=services)
    ]
    if lane.service_workers is not None:
        bounds.append(_within_caps(open_parts, most=lane.service_workers))
    if _limits_schools(lane):
        schools = {school for school, _ in open_parts}
        bounds.append(
            sum(
                _useful_to(school, slug=slugs.get(school, ""), lane=lane, work=work, open_parts=open_parts)
                for school in schools
            )
        )
    return min(bounds, default=math.inf)


def _within_caps(open_parts: Mapping[Key, int], *, most: int) -> float:
    at: Counter[str] = Counter()
    for (_, service), parts in open_parts.items():
        at[service] += parts
    return sum(min(parts, most) if service else parts for service, parts in at.items())


def _useful_to(school: int, *, slug: str, lane: Lane, work: Work, open_parts: Mapping[Key, int]) -> float:
    """Return how many workers the school can keep busy with what it has in the lane."""
    own = {key: parts for key, parts in open_parts.items() if key[0] == school}
    of_school = Work(
        waiting={key: amount for key, amount in work.waiting.items() if key[0] == school},
        working=own,
        done=work.done,
    )
    bounds = [
        _useful(_Limit(rate=rate, counts_bytes=measure == "bytes"), work=of_school, open_parts=own)
        for measure, _, rate in lane.limits_of_school(slug)
        if rate is not None
    ]
    return min([sum(own.values()), lane.school_workers or math.inf, *bounds])


def _useful(limit: _Limit, *, work: Work, open_parts: Mapping[Key, int]) -> float:
    """Return how many workers the limit keeps busy, and one for each part that it does not concern."""
    beside = sum(parts for (_, service), parts in open_parts.items() if not limit.concerns(service))
    done = [amount for service, amount in work.done.items() if limit.concerns(service)]
    waiting = [amount for (_, service), amount in work.waiting.items() if limit.concerns(service)]
    unit_seconds = _unit_seconds(done, limit=limit) or _unit_seconds(waiting, limit=limit)
    if unit_seconds is None:
        return math.inf
    return beside + scaling.most_useful(rate=limit.rate, unit_seconds=unit_seconds)


def _unit_seconds(amounts: Iterable[Amount], *, limit: _Limit) -> float | None:
    """Return what a unit, or a byte, takes of `amounts`; None where they have none."""
    known = list(amounts)
    drawn = sum(amount.bytes if limit.counts_bytes else amount.units for amount in known)
    return sum(amount.seconds for amount in known) / drawn if drawn else None


def _limits_schools(lane: Lane) -> bool:
    given = (lane.school_rate, lane.school_bytes_rate, lane.school_workers)
    return lane.names_schools or any(each is not None for each in given)


def _shared_limits(lane: Lane, *, services: Mapping[str, Service]) -> Iterable[_Limit]:
    """Yield the limits that all schools share; a vital lane waits for no service's."""
    own = [(lane.rate, lane.bytes_rate, "")]
    outside = [] if lane.is_vital else [(each.rate, each.bytes_rate, each.name) for each in services.values()]
    for rate, bytes_rate, service in own + outside:
        if rate is not None:
            yield _Limit(rate=rate, counts_bytes=False, service=service)
        if bytes_rate is not None:
            yield _Limit(rate=bytes_rate, counts_bytes=True, service=service)
