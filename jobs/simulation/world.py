"""The simulated platform: workers that take pieces from their lane's line, and jobs that move on."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

from simpy import Environment, Event

from jobs.lanes import Lane
from jobs.sections import Service
from jobs.simulation.arrivals import Arrival
from jobs.simulation.buckets import Limit
from jobs.simulation.line import Line, Run, Waiting
from jobs.simulation.waits import Waits, sum_up

Steps = Generator[Event, Any, None]


def simulate(
    arrivals: Iterable[Arrival],
    *,
    lanes: Mapping[str, Lane],
    weights: Mapping[int, float],
    services: Mapping[str, Service],
    slugs: Mapping[int, str] | None = None,
    hand_over_seconds: float = 0.01,
) -> dict[str, Waits]:
    """Run `arrivals` through `lanes` to the last one's end, and return the waits by lane.

    `weights` and `slugs` are those of schools by id; without slugs no school has a limit of its own.
    `services` are the limits of outside services by name. A worker loses `hand_over_seconds` between two
    parts. Honest limits: pieces cost what they are said to cost,
    however many workers share a processor; nothing fails, and nobody pauses; a lane has its `workers` all
    the time, whatever its `most_workers`.
    """
    world = _World(
        lanes=lanes,
        weights=weights,
        slugs=slugs or {},
        services=services,
        hand_over_seconds=hand_over_seconds,
    )
    return world.run(sorted(arrivals, key=lambda arrival: arrival.at))


class _World:
    def __init__(
        self,
        *,
        lanes: Mapping[str, Lane],
        weights: Mapping[int, float],
        slugs: Mapping[int, str],
        services: Mapping[str, Service],
        hand_over_seconds: float,
    ) -> None:
        self._clock = Environment()
        self._hand_over_seconds = hand_over_seconds
        limits = {name: Limit.of(service) for name, service in services.items()}
        self._lanes = {
            name: _LaneAtWork(Line(lane, weights=weights, slugs=slugs, services=limits), clock=self._clock)
            for name, lane in lanes.items()
        }

    def run(self, arrivals: Sequence[Arrival]) -> dict[str, Waits]:
        runs = [Run(arrival=arrival) for arrival in arrivals]
        self._clock.process(self._submit(runs))
        for lane in self._lanes.values():
            for _ in range(lane.line.lane.workers):
                self._clock.process(self._work(lane))
        self._clock.run()
        return {name: self._waits_of(name, runs) for name in self._lanes}

    def _submit(self, runs: Sequence[Run]) -> Steps:
        for run in runs:
            yield self._clock.timeout(max(0.0, run.arrival.at - self._clock.now))
            self._begin_stage(run)

    def _begin_stage(self, run: Run) -> None:
        """Put the next stage's pieces in line; a job without any further one has ended."""
        lane = self._lanes[run.arrival.lane]
        while run.stage < len(run.arrival.stages):
            pieces = run.arrival.stages[run.stage]
            run.stage += 1
            if pieces:
                run.open_pieces = len(pieces)
                for piece in pieces:
                    lane.line.join(run, piece)
                lane.stir()
                return
        run.ended_at = self._clock.now

    def _work(self, lane: "_LaneAtWork") -> Steps:
        while True:
            taken = lane.line.take(now=self._clock.now)
            if taken is None:
                yield from lane.idle()
            else:
                yield from self._do(lane, taken)

    def _do(self, lane: "_LaneAtWork", taken: Waiting) -> Steps:
        run = taken.run
        if run.started_at is None:
            run.started_at = self._clock.now
        yield self._clock.timeout(taken.piece.seconds + self._hand_over_seconds)
        lane.line.leave(taken)
        lane.busy_seconds += taken.piece.seconds
        run.open_pieces -= 1
        if run.open_pieces == 0:
            self._begin_stage(run)
        if lane.line.lane.has_caps:
            lane.stir()

    def _waits_of(self, name: str, runs: Sequence[Run]) -> Waits:
        lane = self._lanes[name]
        ended = [run for run in runs if run.arrival.lane == name and run.ended_at is not None]
        last = max((run.ended_at or 0.0 for run in ended), default=0.0)
        first = min((run.arrival.at for run in ended), default=0.0)
        there = (last - first) * lane.line.lane.workers
        return sum_up(
            starts=[(run.started_at or run.arrival.at) - run.arrival.at for run in ended],
            ends=[(run.ended_at or 0.0) - run.arrival.at for run in ended],
            promise=lane.line.lane.promise_seconds,
            busy_share=min(1.0, lane.busy_seconds / there) if there else 0.0,
        )


class _LaneAtWork:
    """A lane's line, and the event that wakes its idle workers."""

    def __init__(self, line: Line, *, clock: Environment) -> None:
        self.line = line
        self.busy_seconds = 0.0
        self._clock = clock
        self._stirred = clock.event()

    def stir(self) -> None:
        """Let the idle workers look again."""
        self._stirred.succeed()
        self._stirred = self._clock.event()

    def idle(self) -> Steps:
        """Wait until something came, or a limit opens."""
        opens_in = self.line.opens_in(now=self._clock.now)
        stirred = self._stirred
        if opens_in == float("inf"):
            yield stirred
        else:
            yield stirred | self._clock.timeout(opens_in)
