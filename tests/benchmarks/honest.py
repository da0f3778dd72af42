"""How honest expected times are: schools send mailings of all sizes as they come, and what was told is kept.

Mailings come at random, about half of what the lane can do, from schools of different weight, with and
without attachments. Every few seconds the open ones are told when they will have ended, as their pages tell
it; what came true is compared with it, as in production. What is told in the first third teaches the ranges
and is not counted. `BENCH_HONEST_SECONDS` sets the length, `BENCH_HONEST_SCHOOLS` how many schools.
"""

import json
import os
import time
from datetime import timedelta
from random import Random
from typing import Any

from tests.benchmarks.stage.replay.world import World, running_world

SECONDS = float(os.environ.get("BENCH_HONEST_SECONDS", "900"))
SCHOOLS = int(os.environ.get("BENCH_HONEST_SCHOOLS", "8"))
SIZES = (50, 150, 400, 1000, 2500)
SIZE_WEIGHTS = (30, 30, 20, 15, 5)
WEIGHTS = (1, 1, 2)
MEGABYTES = (0, 0, 0.3, 1)
ANSWER_SECONDS = 0.1
"""The relay's: then workers wait more than they compute, and the lane does about 75 mails a second."""
LOAD = float(os.environ.get("BENCH_HONEST_LOAD", "0.4"))
LANES = ("bulk", "bulk-slow")
SEED = 20270301
LIMIT_SECONDS = 600


class Honest:
    """The schools, and the mailings that they send."""

    def __init__(self, world: World) -> None:
        """Make a school of each size for each place."""
        from tests.benchmarks.stage.replay import loads, people  # noqa: PLC0415  (Django is set up by now)

        self._chance, self._loads = Random(SEED), loads
        self._offices = {
            size: [
                people.make_office(f"s{size}-{n}", students=size, weight=self._chance.choice(WEIGHTS))
                for n in range(SCHOOLS)
            ]
            for size in SIZES
        }
        self._files = {
            (office.school.pk, size): people.make_attachment(office, megabytes=size)
            for offices in self._offices.values()
            for office in offices
            for size in MEGABYTES
            if size
        }
        self._mails_a_second = LOAD * world.slots_of(LANES[:1]) / ANSWER_SECONDS

    def run(self) -> dict[str, Any]:
        """Return how honest it was."""
        from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

        from jobs import telling  # noqa: PLC0415  (as above)

        began, counted_from = time.monotonic(), timezone.now() + timedelta(seconds=SECONDS / 3)
        jobs = [self._send()]
        while time.monotonic() - began < SECONDS:
            time.sleep(self._pause())
            jobs.append(self._send())
        self._wait_for_end()
        figures = next(one for one in telling.honesty(since=counted_from) if one.lane == LANES[0])
        return {
            "mailings": len(jobs),
            "told": figures.told,
            "median_error": round(figures.median_error, 3),
            "inside": round(figures.inside, 3),
            "start_inside": figures.start_inside and round(figures.start_inside, 3),
            "raw": self._raw(counted_from),
        }

    def _send(self) -> Any:
        [size] = self._chance.choices(SIZES, SIZE_WEIGHTS)
        office = self._chance.choice(self._offices[size])
        megabytes = self._chance.choice(MEGABYTES)
        attached = [self._files[office.school.pk, megabytes]] if megabytes else []
        return self._loads.mailing(office, attached=attached)

    def _pause(self) -> float:
        mean_size = sum(size * weight for size, weight in zip(SIZES, SIZE_WEIGHTS, strict=True)) / 100
        return self._chance.expovariate(self._mails_a_second / mean_size)

    def _raw(self, since: Any) -> dict[str, float]:
        """Return the quartiles of truth by what was reckoned, before ranges correct it."""
        from statistics import quantiles  # noqa: PLC0415

        from jobs.models import ToldTime  # noqa: PLC0415  (Django is set up by now)

        told = ToldTime.objects.filter(at__gte=since, end_took__isnull=False)
        rows = told.values_list("end_took", "end_reckoned")
        found = quantiles([(took + 2) / (reckoned + 2) for took, reckoned in rows])
        return {name: round(value, 2) for name, value in zip(("p25", "p50", "p75"), found, strict=True)}

    def _wait_for_end(self) -> None:
        from jobs.models import Job, ToldTime  # noqa: PLC0415  (Django is set up by now)

        deadline = time.monotonic() + LIMIT_SECONDS
        while (
            Job.objects.filter(kind="emails.mailing", ended_at=None).exists()
            or ToldTime.objects.filter(end_took=None).exists()
        ) and time.monotonic() < deadline:
            time.sleep(1)


def main() -> None:
    """Run all and print one line of JSON last."""
    with running_world() as world:
        world.prepare()
        honest = Honest(world)
        world.outside(delay_seconds=ANSWER_SECONDS)
        world.start_ours(LANES)
        print(json.dumps(honest.run()))


if __name__ == "__main__":
    main()
