"""The storm of 30 September 2020 again: twenty schools send large personalised mailings to a slow relay.

Beside them people ask for codes, two a second, and schools for packets and uploads. Three sides take the
same load in turns, on the same servers, with as many slots: Switchyard with the lanes of its default, one
Celery queue, and Celery with the broker's priorities. Each is idle but for codes first, then has packets
and uploads, then the storm. A code's wait runs from the asking to the begin of its verb, and to the relay's
yes. `BENCH_STORM_SECONDS` sets the length of a storm, `BENCH_STORM_ROUNDS` how often the sides take turns,
`BENCH_STORM_SIDES` which of `switchyard,shared,priorities`, `BENCH_STORM_SCHOOLS` how many schools.
"""

import json
import os
from itertools import chain

from tests.benchmarks.stage.replay.measures import Figures, Phase
from tests.benchmarks.stage.replay.world import World, running_world

SECONDS = float(os.environ.get("BENCH_STORM_SECONDS", "20"))
ROUNDS = int(os.environ.get("BENCH_STORM_ROUNDS", "2"))
SIDES = os.environ.get("BENCH_STORM_SIDES", "switchyard,shared,priorities").split(",")
SCHOOLS = int(os.environ.get("BENCH_STORM_SCHOOLS", "20"))
OURS = "switchyard"
BASELINE_SHARE, BESIDE_SHARE = 0.4, 0.6
"""How much shorter the calm of a baseline is, and a calm with packets and uploads."""
STUDENTS = 60
MEGABYTES = (5, 10)
RELAY = {"delay_seconds": 0.02, "bytes_per_second": 40e6}
CODES_A_SECOND = 2
WARM_SECONDS = min(3, SECONDS / 4)
PACKET_STUDENTS = 30
UPLOAD_ROWS = 4000
BESIDE_SECONDS = 3
"""A packet or an upload begins so often."""
PLANNED_SECONDS = 60.0
LANES = ("codes", "bulk", "bulk-slow", "packets", "packets-slow", "uploads")


class Storm:
    """The schools, and what each side does in each phase."""

    def __init__(self, world: World) -> None:
        """Make the schools, their files and documents."""
        from tests.benchmarks.stage.replay import loads, people  # noqa: PLC0415  (Django is set up by now)

        self._world, self._loads = world, loads
        people.make_desk()
        self._schools = [people.make_office(f"school-{n}", students=STUDENTS) for n in range(SCHOOLS)]
        least, most = MEGABYTES
        self._files = [
            people.make_attachment(office, megabytes=least + (most - least) * place / max(1, SCHOOLS - 1))
            for place, office in enumerate(self._schools)
        ]
        packets = people.make_office("packets", students=PACKET_STUDENTS)
        people.make_documents(packets, students=PACKET_STUDENTS)
        self._beside = loads.Beside(
            packets=packets,
            uploads=people.make_office("uploads", students=0),
            students=PACKET_STUDENTS,
            rows=UPLOAD_ROWS,
            every_seconds=BESIDE_SECONDS,
        )
        self.phases: list[Phase] = []
        self.moved: dict[str, list[float]] = {}
        """Megabytes a second that the relay took in each storm, by side."""

    def run(self, side: str) -> None:
        """Let `side` be idle but for codes, have packets and uploads, and have the storm."""
        from tests.benchmarks.stage.replay import sides  # noqa: PLC0415  (Django is set up by now)

        sides.take(side)
        self._hold(side, "warm", WARM_SECONDS)
        calm_seconds = SECONDS if side == OURS else SECONDS * BASELINE_SHARE
        self._hold(side, "idle", calm_seconds)
        with self._beside.going_on():
            self._hold(side, "beside", calm_seconds * BESIDE_SHARE)
        sides.wait_until_idle()
        before = self._world.outside()["bytes"]
        for office, file in zip(self._schools, self._files, strict=True):
            self._loads.mailing(office, attached=[file])
        self._wait_for_the_storm(before)
        before = self._world.outside()["bytes"]
        with self._beside.going_on():
            self._hold(side, "storm", SECONDS)
        moved = (self._world.outside()["bytes"] - before) / SECONDS / 1e6
        self.moved.setdefault(side, []).append(round(moved, 1))
        sides.drop_all()

    def _wait_for_the_storm(self, before: int) -> None:
        """Wait until the relay takes more than the bytes `before`: the mailings are planned by then."""
        from jobs.testing import wait_until  # noqa: PLC0415  (Django is set up by now)

        wait_until(lambda: self._world.outside()["bytes"] > before, seconds=PLANNED_SECONDS)

    def _hold(self, side: str, name: str, seconds: float) -> None:
        self.phases.append(self._world.hold(side, name, seconds=seconds))

    def figures(self, side: str) -> Figures:
        """Return what `side` did."""
        from tests.benchmarks.stage.replay import telling  # noqa: PLC0415  (Django is set up by now)

        found: Figures = {"relay_megabytes_per_second": self.moved[side]}
        for name in ("idle", "beside", "storm"):
            phases = [phase for phase in self.phases if (phase.side, phase.name) == (side, name)]
            found[name] = telling.of(phases, stamps=self._world.stamps)
        found |= telling.compare(found["storm"], found["idle"])
        found["jobs"] = telling.jobs_compared(found["storm"], found["beside"])
        return found


def tell(figures: dict[str, Figures]) -> None:
    """Print lines for each side."""
    for side, found in figures.items():
        print(f"{side}: a code begins {found['ratio']} times as late in the storm (p99)")
        for name in ("idle", "beside", "storm"):
            print(f"  {name}: {found[name]['code_begun']} jobs {found[name]['job_seconds']}")


def main() -> None:
    """Run all and print one line of JSON last."""
    with running_world() as world:
        world.prepare()
        storm = Storm(world)
        world.outside(**RELAY)
        slots = world.slots_of(LANES)
        world.start_ours(LANES)
        world.start_baselines([side for side in SIDES if side != OURS], slots=slots)
        world.start_desk(every_seconds=1 / CODES_A_SECOND)
        for side in chain.from_iterable([SIDES] * ROUNDS):
            storm.run(side)
        found = {side: storm.figures(side) for side in SIDES}
        tell(found)
        told = {"schools": SCHOOLS, "slots": slots, "relay": RELAY, **found}
        print(json.dumps({**told, "ratio": found[OURS]["ratio"]}))


if __name__ == "__main__":
    main()
