"""When work is done that schools share fairly: workers' time as a fluid, and the lane's limits as pipes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jobs import accounts

EPSILON = 1e-9
MOST_STEPS = 2000


@dataclass(frozen=True, kw_only=True)
class Load:
    """Work that is left of a job, or of several that stand in line one after the other."""

    seconds: float
    """Seconds of work, by one worker."""
    units: float = 0
    megabytes: float = 0
    parts: float = 1
    """How many workers can work on it at once."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A school's work in the lane: its loads in the order in which they are served."""

    loads: Sequence[Load]
    weight: float = 1
    ahead: float = 0
    """What counts in the school's account, by weight, beyond that of the one that has used least."""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What a lane can do."""

    workers: int
    part_seconds: float = 2
    """How long a worker usually stays with one part."""
    units_rate: float = math.inf
    """Units a second of all schools together."""
    megabytes_rate: float = math.inf
    school_workers: float = math.inf
    """The most workers of one school at once."""
    school_units_rate: float = math.inf
    school_megabytes_rate: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Reckoned:
    """When a load begins and ends, in seconds from now."""

    start: float
    end: float


def reckon(lines: Sequence[Line], *, capacity: Capacity) -> Reckoned | None:
    """Return when the last load of the first line begins and ends; None when it never does.

    Schools that have used less are served first, those that have used alike share by weight, and nobody
    keeps a worker idle while another has work. Honest limits: parts are not divisible in truth, and work
    that comes later is not known.
    """
    streams = [_Stream(line, counts=[_counts(load, capacity) for load in line.loads]) for line in lines]
    watched, place = streams[0], len(streams[0].line.loads) - 1
    now, start = 0.0, math.inf
    for _ in range(MOST_STEPS):
        _share(streams, capacity)
        if watched.flows[place] > EPSILON:
            start = min(start, now)
        span = _span(streams, capacity)
        if not math.isfinite(span):
            return None
        for stream in streams:
            stream.flow(span)
        now += span
        if watched.left[place] <= EPSILON:
            break
    return _with_edges(Reckoned(start=min(start, now), end=now), watched.line.loads, capacity)


def _with_edges(fluid: Reckoned, loads: Sequence[Load], capacity: Capacity) -> Reckoned:
    """Turn the fluid into parts: a load begins when all before it have begun, and its last part lags."""
    before = min(capacity.part_seconds, fluid.start) / 2 if len(loads) > 1 else 0
    load = loads[-1]
    at_once = max(1.0, min(load.parts, capacity.workers))
    lag = load.seconds / max(1.0, load.parts) / 2 * (1 - 1 / at_once)
    return Reckoned(start=fluid.start - before, end=fluid.end + lag)


@dataclass
class _Stream:
    """A line while its work flows off."""

    line: Line
    counts: Sequence[float]
    """What a second of work at each load counts in the school's account: see `jobs.accounts`."""
    left: list[float] = field(init=False)
    """Seconds of work left of each load."""
    flows: list[float] = field(init=False)
    """Workers at each load."""
    ahead: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = [load.seconds for load in self.line.loads]
        self.flows = [0.0] * len(self.left)
        self.ahead = self.line.ahead

    @property
    def has_work(self) -> bool:
        return any(left > EPSILON for left in self.left)

    @property
    def used(self) -> float:
        """What the workers at it count in a second."""
        return sum(flow * counts for flow, counts in zip(self.flows, self.counts, strict=True))

    @property
    def weight(self) -> float:
        """Its weight where workers are shared: the less, the more each of them counts."""
        return self.line.weight / self.counts[self._first]

    @property
    def head(self) -> Load:
        """The load that is served first."""
        return self.line.loads[self._first]

    @property
    def _first(self) -> int:
        return next((place for place, left in enumerate(self.left) if left > EPSILON), 0)

    def most(self, capacity: Capacity) -> float:
        """Return how many workers the school can have now."""
        begun = [load for load, left in zip(self.line.loads, self.left, strict=True) if left > EPSILON]
        most = min(sum(load.parts for load in begun), capacity.school_workers)
        if not begun:
            return 0.0
        head = begun[0]
        for amount, rate in (
            (head.units, capacity.school_units_rate),
            (head.megabytes, capacity.school_megabytes_rate),
        ):
            if amount > 0 and math.isfinite(rate):
                most = min(most, rate * head.seconds / amount)
        return most

    def take(self, workers: float) -> None:
        """Let `workers` work at the loads, the first ones first."""
        for place, load in enumerate(self.line.loads):
            self.flows[place] = min(workers, load.parts) if self.left[place] > EPSILON else 0.0
            workers -= self.flows[place]

    def rate_of(self, amount: Callable[[Load], float]) -> float:
        """Return how much of the loads' `amount`, units or megabytes, flows off in a second."""
        return sum(
            flow * amount(load) / load.seconds
            for load, flow in zip(self.line.loads, self.flows, strict=True)
            if flow > 0
        )

    def flow(self, span: float) -> None:
        self.ahead += self.used * span / self.line.weight
        self.left = [max(0.0, left - flow * span) for left, flow in zip(self.left, self.flows, strict=True)]


def _share(streams: Sequence[_Stream], capacity: Capacity) -> None:
    """Give out the workers: to the least-used schools first, and then slow all down to the lane's limits."""
    free = float(capacity.workers)
    working = sorted((stream for stream in streams if stream.has_work), key=lambda stream: stream.ahead)
    for stream in streams:
        stream.take(0)
    while working and free > EPSILON:
        level = working[0].ahead + capacity.part_seconds
        tier = [working[0], *(stream for stream in working[1:] if stream.ahead <= level)]
        working = working[len(tier) :]
        most = _most_workers(tier, capacity)
        taken = _fill(tier, workers=min(free, most), capacity=capacity)
        free = free - taken if taken < most - EPSILON else 0.0
    _slow_down(streams, capacity)


def _fill(tier: Sequence[_Stream], *, workers: float, capacity: Capacity) -> float:
    """Share `workers` by weight among schools that have used alike; return how many have found work."""
    thirst = {id(stream): stream.most(capacity) for stream in tier}
    by_need = sorted(tier, key=lambda stream: thirst[id(stream)] / stream.weight)
    weights = sum(stream.weight for stream in by_need)
    free = workers
    for stream in by_need:
        taken = min(thirst[id(stream)], free * stream.weight / weights)
        stream.take(taken)
        free -= taken
        weights -= stream.weight
    return workers - free


def _most_workers(tier: Sequence[_Stream], capacity: Capacity) -> float:
    """Return with how many workers, shared by weight, schools reach the lane's limits."""
    most = math.inf
    for amount, rate in ((_units, capacity.units_rate), (_megabytes, capacity.megabytes_rate)):
        drawn = sum(stream.weight * amount(stream.head) / stream.head.seconds for stream in tier)
        if drawn > 0:
            most = min(most, rate * sum(stream.weight for stream in tier) / drawn)
    return most


def _slow_down(streams: Sequence[_Stream], capacity: Capacity) -> None:
    factor = 1.0
    pipes = ((_units, capacity.units_rate), (_megabytes, capacity.megabytes_rate))
    for amount, rate in pipes:
        total = sum(stream.rate_of(amount) for stream in streams) if math.isfinite(rate) else 0.0
        if total > rate:
            factor = min(factor, rate / total)
    if factor < 1:
        for stream in streams:
            stream.flows = [flow * factor for flow in stream.flows]


def _counts(load: Load, capacity: Capacity) -> float:
    if load.seconds <= EPSILON:
        return 1.0
    limited = (load.units / capacity.units_rate, load.megabytes / capacity.megabytes_rate)
    return accounts.counted(seconds=load.seconds, limited=limited, workers=capacity.workers) / load.seconds


def _units(load: Load) -> float:
    return load.units


def _megabytes(load: Load) -> float:
    return load.megabytes


def _span(streams: Sequence[_Stream], capacity: Capacity) -> float:
    """Return the seconds until a load ends, or until a school that is served has used as much as another."""
    ends = [
        left / flow
        for stream in streams
        for left, flow in zip(stream.left, stream.flows, strict=True)
        if left > EPSILON and flow > EPSILON
    ]
    return min([*ends, *_meetings(streams, capacity)], default=math.inf)


def _meetings(streams: Sequence[_Stream], capacity: Capacity) -> list[float]:
    served = [stream for stream in streams if sum(stream.flows) > EPSILON]
    waiting = [stream for stream in streams if stream.has_work and sum(stream.flows) <= EPSILON]
    if not served or not waiting:
        return []
    nearest = min(stream.ahead for stream in waiting) - capacity.part_seconds
    gaps = [
        (nearest - stream.ahead) * stream.line.weight / stream.used
        for stream in served
        if stream.ahead < nearest - EPSILON
    ]
    # Nobody is far behind the one that waits: it waits for a worker, and that comes with a part's end.
    return [max(gap, EPSILON * 1000) for gap in gaps]
