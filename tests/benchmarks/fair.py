"""One mailing to very many beside twenty to fifty: who waits for whom, what is shared, and what it costs.

Three sides take the same mailings in turns, on the same servers, with as many slots: Switchyard, one Celery
queue, and Celery with the broker's priorities, where small mailings go first. On each a small mailing goes
out alone, then the big one alone, then the big one with twenty small ones that are sent while it is at work.
On ours, four schools with full backlogs then show what each gets, one of them with twice the weight. Last,
the same mails leave by turns through the platform with limits set, and in the same parts through Celery's
threads alone: the difference is the price of claims, fairness and limits. A bare list of parts
(`stage.replay.straight`) shows what a queue costs at all. `BENCH_FAIR_BIG` sets
the mails of the big one, `BENCH_FAIR_SIDES` the sides, `BENCH_FAIR_ROUNDS` how often the price is
taken, 0 for never.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

os.environ["REPLAY_LIMITS"] = "on"

from tests.benchmarks.stage.replay.measures import Figures
from tests.benchmarks.stage.replay.world import World, running_world

BIG = int(os.environ.get("BENCH_FAIR_BIG", "6000"))
SIDES = os.environ.get("BENCH_FAIR_SIDES", "switchyard,shared,priorities").split(",")
ROUNDS = int(os.environ.get("BENCH_FAIR_ROUNDS", "2"))
SMALL, SMALL_SCHOOLS = 50, 20
WEIGHTS = (1, 1, 1, 2)
SHARED_MAILS, PRICED_MAILS = BIG // 3, BIG // 6
"""Mails of a school of weight 1, while shares and while the price are observed."""
RELAY_SECONDS = 0.02
"""The relay's answer; while the price is taken it answers at once, and the processors are the limit."""
OURS, LANE, LANES = "switchyard", "bulk", ("bulk", "bulk-slow")
PROGRAMS = (
    *("worker-bulk", "worker-bulk-slow", "celery-threads", "straight"),
    *("postgres", "valkey", "supervisor"),
)
SETTLE_SHARE = 0.1
"""The small ones are sent when so much of the big one is done; the price is taken without the ends."""
LOOK_SECONDS = 0.05
LIMIT_SECONDS = 1200


class Fair:
    """The schools, and what each side does."""

    def __init__(self, world: World) -> None:
        """Make the schools."""
        from tests.benchmarks.stage.replay import loads, people  # noqa: PLC0415  (Django is set up by now)

        self._world, self._loads = world, loads
        self._slots = world.slots_of([LANE])
        self._big = people.make_office("big", students=BIG)
        self._small = [people.make_office(f"small-{n}", students=SMALL) for n in range(SMALL_SCHOOLS)]
        self._equal, self._priced = (
            [
                people.make_office(f"{name}-{n}", students=mails * weight, weight=weight)
                for n, weight in enumerate(WEIGHTS)
            ]
            for name, mails in (("equal", SHARED_MAILS), ("priced", PRICED_MAILS))
        )
        world.outside(delay_seconds=RELAY_SECONDS)

    def run(self, side: str) -> Figures:
        """Return how long small and big took alone and beside each other."""
        from tests.benchmarks.stage.replay import sides  # noqa: PLC0415  (Django is set up by now)

        sides.take(side)
        self._ended([self._loads.mailing(self._small[0])])
        alone = [took(self._ended([self._loads.mailing(office)])[0]) for office in self._small[:3]]
        spent = [self._spent()]
        [big_alone] = self._ended([self._loads.mailing(self._big)])
        spent.append(self._spent())
        before = self._world.outside()["mails"]
        big = self._loads.mailing(self._big)
        self._wait(lambda: self._world.outside()["mails"] - before > BIG * SETTLE_SHARE)
        small = self._ended([self._loads.mailing(office) for office in self._small])
        [big] = self._ended([big])
        spent.append(self._spent())
        found = {
            "small_alone_seconds": round(statistics.median(alone), 2),
            "small_beside_seconds": [round(of(map(took, small)), 2) for of in (statistics.median, max)],
            "big_alone_seconds": round(took(big_alone), 1),
            "big_beside_seconds": round(took(big), 1),
        }
        found["ratio"] = round(found["small_beside_seconds"][1] / found["small_alone_seconds"], 1)
        if side == OURS:
            found |= self._parts(found, big_alone, big, small)
            found["big_cpu_ratio"] = round(per_mail(spent[1:], SMALL * SMALL_SCHOOLS) / per_mail(spent, 0), 3)
        return found

    def _spent(self) -> float:
        return self._world.processors.spent(*PROGRAMS)

    def _parts(self, found: Figures, alone: Any, beside: Any, small: Sequence[Any]) -> Figures:
        parts = [seconds_of_parts(job) for job in (alone, beside)]
        part = statistics.median(parts[1])
        small_work = sum(sum(seconds_of_parts(job)) for job in small)
        extra = found["small_beside_seconds"][1] - found["small_alone_seconds"]
        return {
            "part_seconds": round(part, 2),
            "small_later_by_parts": round(extra / part, 2),
            "big_work_ratio": round(sum(parts[1]) / sum(parts[0]), 3),
            "big_time_ratio_less_the_small_ones": round(
                (took(beside) - small_work / self._slots) / took(alone), 3
            ),
        }

    def share(self) -> Figures:
        """Return what four schools with full backlogs get, and how much of the lane stands idle meanwhile."""
        from tests.benchmarks.stage.replay import shares, sides  # noqa: PLC0415  (Django is set up by now)

        sides.take(OURS)
        self._ended([self._loads.mailing(office) for office in self._equal])
        schools = [office.school for office in self._equal]
        span = shares.while_all_wait(schools, lane=LANE)
        seconds = shares.worker_seconds(schools, lane=LANE, span=span)
        part = statistics.median(shares.part_seconds(lane=LANE, span=span))
        farthest = shares.unevenness(seconds)
        return {
            "seconds_observed": round(span.seconds, 1),
            "worker_seconds_by_weight": {slug: round(had, 1) for slug, had in seconds.items()},
            "farthest_from_fair": round(farthest, 3),
            "farthest_in_parts": round(farthest * statistics.mean(seconds.values()) / part, 2),
            "idle_share": round(shares.idle_share(lane=LANE, slots=self._slots, span=span), 3),
        }

    def told(self) -> Figures:
        """Return how the ends that were told compare to the truth."""
        from tests.benchmarks.stage.replay import telling  # noqa: PLC0415  (Django is set up by now)

        return telling.honesty()

    def price(self) -> Figures:
        """Return the mails a second with and without the platform around the verbs.

        Once Celery's threads do the same parts without claims, fair shares and limits, once a bare list's do.
        """
        from tests.benchmarks.stage.replay import sides  # noqa: PLC0415  (Django is set up by now)

        self._world.outside(delay_seconds=0)
        ways = {
            "platform": partial(self._through, OURS),
            "celery": partial(self._through, sides.THREADS),
            "straight": self._straight,
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                found[name].append(self._rate(way))
        rates = {name: statistics.median(rate for rate, _ in each) for name, each in found.items()}
        cpu = {name: statistics.median(cpu for _, cpu in each) for name, each in found.items()}
        return {
            "mails_per_second": {name: [round(rate) for rate, _ in each] for name, each in found.items()},
            "cpu_ms_per_mail": {name: round(seconds * 1000, 3) for name, seconds in cpu.items()},
            "price": round(1 - rates["platform"] / rates["celery"], 3),
            "price_in_cpu": round(cpu["platform"] / cpu["celery"] - 1, 3),
            "price_beside_a_list": round(1 - rates["platform"] / rates["straight"], 3),
        }

    def _rate(self, send: Callable[[], Callable[[], bool]]) -> tuple[float, float]:
        """Return mails a second and processor seconds a mail between the first and the last tenth."""
        total = sum(PRICED_MAILS * weight for weight in WEIGHTS)
        before = self._world.outside()["mails"]
        has_ended = send()
        self._wait(lambda: self._world.outside()["mails"] - before >= total * SETTLE_SHARE)
        first, spent, began = self._world.outside()["mails"], self._spent(), time.monotonic()
        self._wait(lambda: self._world.outside()["mails"] - before >= total * (1 - SETTLE_SHARE))
        seconds, mails = time.monotonic() - began, self._world.outside()["mails"] - first
        spent = self._spent() - spent
        self._wait(has_ended)
        return mails / seconds, spent / mails

    def _through(self, side: str) -> Callable[[], bool]:
        from tests.benchmarks.stage.replay import sides  # noqa: PLC0415  (Django is set up by now)

        sides.take(side)
        jobs = [self._loads.mailing(office) for office in self._priced]
        return lambda: not open_ones(jobs)

    def _straight(self) -> Callable[[], bool]:
        from tests.benchmarks.stage.replay import sides  # noqa: PLC0415  (Django is set up by now)

        jobs = [sides.written(lambda office=office: self._loads.mailing(office)) for office in self._priced]
        child = self._world.start_straight(jobs, slots=self._slots)

        def has_ended() -> bool:
            child.require_alive() if child.poll() else None
            return child.poll() == 0

        return has_ended

    def _ended(self, jobs: Sequence[Any]) -> list[Any]:
        self._wait(lambda: not open_ones(jobs))
        for job in jobs:
            job.refresh_from_db()
        return list(jobs)

    def _wait(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                message = f"It took longer than {LIMIT_SECONDS} seconds."
                raise TimeoutError(message)
            time.sleep(LOOK_SECONDS)


def per_mail(spent: Sequence[float], others: int) -> float:
    """Return the seconds for each mail between the first two of `spent`, `others` sent beside the big one."""
    return (spent[1] - spent[0]) / (BIG + others)


def took(job: Any) -> float:
    """Return the seconds from submission to end."""
    return float((job.ended_at - job.created_at).total_seconds())


def open_ones(jobs: Sequence[Any]) -> bool:
    """Say whether one of `jobs` has not ended."""
    from jobs.models import Job  # noqa: PLC0415  (Django is set up by now)

    return Job.objects.filter(pk__in=[job.pk for job in jobs], ended_at=None).exists()


def seconds_of_parts(job: Any) -> list[float]:
    """Return the worker seconds of the job's parts of work."""
    return list(job.parts.filter(step="work").values_list("seconds", flat=True))


def main() -> None:
    """Run all and print one line of JSON last."""
    with running_world() as world:
        world.prepare()
        fair = Fair(world)
        slots = world.slots_of(LANES)
        world.start_ours(LANES)
        world.start_baselines([side for side in SIDES if side != OURS], slots=slots)
        if ROUNDS:
            world.start_threads(slots=slots)
        found: Figures = {"big": BIG, "slots": slots}
        for side in SIDES:
            found[side] = fair.run(side)
            print(f"{side}: {found[side]}")
        found["shares"] = fair.share()
        print(f"shares: {found['shares']}")
        found["told"] = fair.told()
        print(f"told: {found['told']}")
        if ROUNDS:
            found["price"] = fair.price()
            print(f"price: {found['price']}")
        print(json.dumps({**found, "ratio": found[OURS]["ratio"]}))


if __name__ == "__main__":
    main()
