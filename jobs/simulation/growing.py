"""Lanes of the simulation that grow by themselves, by the arithmetic of `jobs.staffing` and `jobs.loads`."""

from collections.abc import Callable, Mapping

from simpy import Environment

from jobs import scaling, usefulness
from jobs.scaling import Load, Scaler
from jobs.sections import Service, Supervision
from jobs.simulation.line import Steps
from jobs.simulation.staff import LaneAtWork
from jobs.usefulness import NOTHING_WAITS, Work

LOOK_SECONDS = 1.0
MOST_LOOKS = 20_000
SELDOM_SECONDS = 60.0
"""After so many looks, some hours, it looks less often: what is left then is one long backlog."""


class Growing:
    """Looks once a second at the lanes that may grow, while one of them is short of workers or has grown."""

    def __init__(
        self,
        lanes: Mapping[str, LaneAtWork],
        *,
        supervision: Supervision,
        services: Mapping[str, Service],
        clock: Environment,
        on_resized: Callable[[LaneAtWork], None],
    ) -> None:
        """Look after `lanes`; `on_resized` lets workers come to one that is to have more."""
        self._lanes = {name: lane.line.lane for name, lane in lanes.items()}
        self._grow = {
            name: lanes[name] for name, lane in self._lanes.items() if lane.most_workers is not None
        }
        self._scalers = {name: Scaler(wanted=self._lanes[name].workers, now=0.0) for name in self._grow}
        self._supervision = supervision
        self._services = services
        self._clock = clock
        self._on_resized = on_resized
        self._looks = 0
        self._woken = clock.event()

    def notice(self, lane: LaneAtWork) -> None:
        """Begin to look if the lane, in which something changed, has none to spare for what waits."""
        if lane.is_short and not self._woken.triggered:
            self._woken.succeed()

    def run(self) -> Steps:
        """Look, and rest while there is nothing to see."""
        while self._grow:
            if not any(self._wants_a_look(name) for name in self._grow):
                self._woken = self._clock.event()
                yield self._woken
            yield self._clock.timeout(self._pause())
            self._look()

    def _pause(self) -> float:
        """Return the seconds until the next look: they come at whole seconds."""
        self._looks += 1
        if self._looks > MOST_LOOKS:
            return SELDOM_SECONDS
        return LOOK_SECONDS - self._clock.now % LOOK_SECONDS

    def _wants_a_look(self, name: str) -> bool:
        lane = self._grow[name]
        return lane.is_short or lane.line.workers > self._lanes[name].workers

    def _look(self) -> None:
        wanted = {name: self._wanted(name) for name in self._grow if self._wants_a_look(name)}
        granted = scaling.granted(wanted, lanes=self._lanes, total=self._supervision.most_workers)
        for name, lane in self._grow.items():
            if granted[name] != lane.line.workers:
                lane.resize(granted[name])
                self._on_resized(lane)

    def _wanted(self, name: str) -> int:
        lane, now = self._lanes[name], self._clock.now
        return self._scalers[name].wanted(
            self._load(self._grow[name]),
            least=lane.workers,
            most=lane.most_workers or lane.workers,
            patience_seconds=self._supervision.shrink_seconds,
            now=now,
        )

    def _load(self, at_work: LaneAtWork) -> Load:
        lane, now = at_work.line.lane, self._clock.now
        working = at_work.line.working
        workers = sum(working.values())
        if not at_work.line.waiting:
            return NOTHING_WAITS.load(lane=lane, at_work=workers, oldest_seconds=0)
        waiting, oldest_seconds = at_work.line.claimable(now=now)
        done, overdue = at_work.lately.amounts(now=now), at_work.line.overdue
        work = Work(waiting=waiting, working=working, done=done, overdue=overdue)
        return work.load(
            lane=lane,
            at_work=workers,
            oldest_seconds=oldest_seconds,
            most_useful=usefulness.most_useful(
                work, lane=lane, services=self._services, slugs=at_work.line.slugs
            ),
        )
