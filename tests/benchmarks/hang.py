"""The hang of 7 October 2020 again: an outside service accepts calls and never answers.

Schools' webhooks go to a host that answers first and then falls silent, while people ask for codes, two a
second, and schools for small mailings, packets and uploads. Three sides take the same load in turns, on the
same servers, with as many slots: Switchyard, one Celery queue, and Celery with the broker's priorities;
all end a call after the same seconds of silence. Then, on ours, the mail relay itself falls silent once.
`BENCH_HANG_SECONDS` sets the length of the silence, `BENCH_HANG_SIDES` the sides, `REPLAY_READ_SECONDS` and
`REPLAY_RELAY_SECONDS` the patience with host and relay.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.stage.replay.measures import Figures, Phase
from tests.benchmarks.stage.replay.world import World, running_world

SECONDS = float(os.environ.get("BENCH_HANG_SECONDS", "40"))
SIDES = os.environ.get("BENCH_HANG_SIDES", "switchyard,shared,priorities").split(",")
OURS = "switchyard"
MAILED, PACKET_STUDENTS, UPLOAD_ROWS = 50, 30, 4000
BESIDE_SECONDS = 3
CODES_A_SECOND = 2
HOOKS_A_SECOND = 5
WARM_SECONDS = min(3, SECONDS / 4)
RECOVERY_SECONDS = 120
LANES = ("codes", "bulk", "bulk-slow", "packets", "packets-slow", "uploads", "webhooks")


class Hang:
    """The schools, and what each side does in each phase."""

    def __init__(self, world: World) -> None:
        """Make the schools and name the outside's host as a webhook."""
        from tests.benchmarks.stage.replay import loads, people  # noqa: PLC0415  (Django is set up by now)

        self._world, self._loads = world, loads
        people.make_desk()
        packets = people.make_office("packets", students=PACKET_STUDENTS)
        people.make_documents(packets, students=PACKET_STUDENTS)
        self._beside = loads.Beside(
            packets=packets,
            uploads=people.make_office("uploads", students=0),
            students=PACKET_STUDENTS,
            rows=UPLOAD_ROWS,
            every_seconds=BESIDE_SECONDS,
        )
        self._mails = people.make_office("mails", students=MAILED)
        self._hooks = people.make_office("hooks", students=0)
        self._endpoint = loads.endpoint(self._hooks, port=world.host_port)
        self._phases: dict[tuple[str, str], Phase] = {}
        self._seen: dict[str, Figures] = {}

    def run(self, side: str) -> None:
        """Let the host answer `side`, then fall silent."""
        from tests.benchmarks.stage.replay import sides, watching  # noqa: PLC0415  (Django is set up by now)

        sides.take(side)
        self._hold(side, "warm", WARM_SECONDS)
        watch = watching.Watch(self._world, service="webhook:", lane="webhooks", silent="host_silent")
        with self._load():
            self._hold(side, "calm", SECONDS * 0.75)
            with watch:
                self._world.outside(is_host_silent=True)
                self._hold(side, "silent", SECONDS)
        self._seen["host"] = self._seen.get("host") or watch.told()
        self._world.outside(is_host_silent=False)
        sides.drop_all()

    def silence_relay(self) -> None:
        """Let the relay fall silent on ours, and see how the rest and the recovery go."""
        from tests.benchmarks.stage.replay import sides, watching  # noqa: PLC0415  (Django is set up by now)

        sides.take(OURS)
        sides.forget_breakers()
        watch = watching.Watch(self._world, service="relay:", lane="bulk", silent="relay_silent")
        with self._load(), watch:
            self._world.outside(is_relay_silent=True)
            self._hold(OURS, "relay", SECONDS)
        self._world.outside(is_relay_silent=False)
        with self._world.phase(OURS, "recovery") as recovery:
            seconds = self._first_code_after(recovery.began_at)
        self._seen["relay"] = {**watch.told(), "first_code_after_recovery_seconds": seconds}
        sides.drop_all()

    def _first_code_after(self, began_at: float) -> float | None:
        while time.time() < began_at + RECOVERY_SECONDS:
            at = self._world.stamps.first_acceptance(after=began_at)
            if at is not None:
                return round(at - began_at, 1)
            time.sleep(0.1)
        return None

    @contextmanager
    def _load(self) -> Iterator[None]:
        repeated, hook = self._loads.Repeated, self._loads.hook
        with (
            self._beside.going_on(),
            repeated(lambda: self._loads.mailing(self._mails), every_seconds=BESIDE_SECONDS),
            repeated(lambda: hook(self._endpoint, by=self._hooks.person), every_seconds=1 / HOOKS_A_SECOND),
        ):
            yield

    def _hold(self, side: str, name: str, seconds: float) -> None:
        self._phases[side, name] = self._world.hold(side, name, seconds=seconds)

    def figures(self, side: str) -> Figures:
        """Return what `side` did."""
        from tests.benchmarks.stage.replay import telling  # noqa: PLC0415  (Django is set up by now)

        names = ("calm", "silent", "relay") if side == OURS else ("calm", "silent")
        found: Figures = {
            name: telling.of([self._phases[side, name]], stamps=self._world.stamps) for name in names
        }
        found |= telling.compare(found["silent"], found["calm"])
        found["jobs"] = telling.jobs_compared(found["silent"], found["calm"])
        if side == OURS:
            found["jobs_while_relay_silent"] = telling.jobs_compared(found["relay"], found["calm"])
            found |= self._seen
        return found


def tell(figures: dict[str, Figures]) -> None:
    """Print lines for each side."""
    for side, found in figures.items():
        print(f"{side}: a code begins {found['ratio']} times as late while the host is silent (p99)")
        for name in ("calm", "silent"):
            print(f"  {name}: {found[name]['code_begun']} jobs {found[name]['job_seconds']}")
    for name in ("host", "relay"):
        print(f"the silent {name}: {figures[OURS][name]}")


def main() -> None:
    """Run all and print one line of JSON last."""
    with running_world() as world:
        world.prepare()
        hang = Hang(world)
        slots = world.slots_of(LANES)
        world.start_ours(LANES)
        world.start_baselines([side for side in SIDES if side != OURS], slots=slots)
        world.start_desk(every_seconds=1 / CODES_A_SECOND)
        for side in SIDES:
            hang.run(side)
        hang.silence_relay()
        from tests.benchmarks.stage.replay import telling  # noqa: PLC0415  (Django is set up by now)

        found = {side: hang.figures(side) for side in SIDES}
        tell(found)
        told = telling.honesty()
        print(f"told: {told}")
        print(json.dumps({"slots": slots, **found, "told": told, "ratio": found[OURS]["ratio"]}))


if __name__ == "__main__":
    main()
