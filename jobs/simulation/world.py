"""The simulated platform: workers that take pieces from their lane's line, and jobs that move on."""

from collections.abc import Iterable, Mapping, Sequence

from simpy import Environment

from jobs.lanes import Lane
from jobs.sections import Service, Supervision
from jobs.simulation.arrivals import Arrival
from jobs.simulation.buckets import Limit
from jobs.simulation.growing import Growing
from jobs.simulation.line import Line, Run, Steps, Waiting
from jobs.simulation.staff import LaneAtWork
from jobs.simulation.waits import Waits, sum_up

WORK_STAGE = 2
"""Planning, work, finishing: what the second takes tells how long a part takes."""


def simulate(
    arrivals: Iterable[Arrival],
    *,
    lanes: Mapping[str, Lane],
    weights: Mapping[int, float],
    services: Mapping[str, Service],
    slugs: Mapping[int, str] | None = None,
    supervision: Supervision | None = None,
    hand_over_seconds: float = 0.01,
) -> dict[str, Waits]:
    """Run `arrivals` through `lanes` to the last one's end, and return the waits by lane.

    `weights` and `slugs` are those of schools by id; without slugs no school has a limit of its own.
    `services` are the limits of outside services by name. A worker loses `hand_over_seconds` between two
    parts. Lanes with `most_workers` grow and shrink as `supervision` lets them, at once where a real one
    needs a part of a second. Honest limits: pieces cost what they are said to cost, however many workers
    share a processor; memory is never short; nothing fails, and nobody pauses or sets a number by hand.
    """
    world = _World(
        lanes=lanes,
        weights=weights,
        slugs=slugs or {},
        services=services,
        supervision=supervision or Supervision(),
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
        supervision: Supervision,
        hand_over_seconds: float,
    ) -> None:
        self._clock = Environment()
        self._hand_over_seconds = hand_over_seconds
        limits = {name: Limit.of(service) for name, service in services.items()}
        self._lanes = {
            name: LaneAtWork(Line(lane, weights=weights, slugs=slugs, services=limits), clock=self._clock)
            for name, lane in lanes.items()
        }
        self._growing = Growing(
            self._lanes, supervision=supervision, services=services, clock=self._clock, on_resized=self._staff
        )

    def run(self, arrivals: Sequence[Arrival]) -> dict[str, Waits]:
        runs = [Run(arrival=arrival) for arrival in arrivals]
        self._clock.process(self._submit(runs))
        for lane in self._lanes.values():
            self._staff(lane)
        self._clock.process(self._growing.run())
        self._clock.run()
        return {name: self._waits_of(name, runs) for name in self._lanes}

    def _staff(self, lane: LaneAtWork) -> None:
        """Let as many workers come as the lane is to have."""
        for _ in range(lane.missing):
            lane.come()
            self._clock.process(self._work(lane))

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
                    lane.line.join(run, piece, now=self._clock.now)
                lane.stir()
                self._growing.notice(lane)
                return
        run.ended_at = self._clock.now

    def _work(self, lane: LaneAtWork) -> Steps:
        while not lane.goes_home():
            taken = lane.line.take(now=self._clock.now)
            if taken is None:
                yield from lane.idle()
            else:
                self._growing.notice(lane)
                yield from self._do(lane, taken)

    def _do(self, lane: LaneAtWork, taken: Waiting) -> Steps:
        run = taken.run
        if run.started_at is None:
            run.started_at = self._clock.now
        yield self._clock.timeout(taken.piece.seconds + self._hand_over_seconds)
        lane.line.leave(taken)
        lane.busy_seconds += taken.piece.seconds
        if run.stage == WORK_STAGE:
            lane.lately.add(taken.piece, now=self._clock.now)
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
        there = lane.worker_seconds(since=first, until=last)
        return sum_up(
            starts=[(run.started_at or run.arrival.at) - run.arrival.at for run in ended],
            ends=[(run.ended_at or 0.0) - run.arrival.at for run in ended],
            promise=lane.line.lane.promise_seconds,
            busy_share=min(1.0, lane.busy_seconds / there) if there else 0.0,
        )
