"""What a preview foretells beside what comes true: the same traffic, once before a change and once after it.

Mailings of all sizes and packets come at random, more than their lanes can do, so that they wait. The
preview reckons from this traffic what it would have been with other numbers of workers and a limit. Then they
are saved, the same traffic comes again, and each lane's waits and times are set beside what was
told, for the settings before as well as after. What is within `NOT_NOTICED_SECONDS` is not off.
`BENCH_PREVIEW_SECONDS` sets for how long jobs are sent, each time.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from tests.benchmarks.stage.replay.world import World, running_world

SECONDS = float(os.environ.get("BENCH_PREVIEW_SECONDS", "60"))
LANES = ("bulk", "packets", "mail")
ANSWER_SECONDS = 0.4
"""The relay's: its workers wait more than they compute, so that a part costs the same beside more of them."""
SIZES = (20, 60, 150)
STUDENTS = 40
"""Of one packet."""
MAILING_EVERY, PACKET_EVERY = 2.2, 0.9
"""Seconds on average."""
CHANGE = {"lanes": {"bulk": {"workers": 12}, "packets": {"rate": 60}}}
NOT_NOTICED_SECONDS = 0.5
SEED = 20261128
LIMIT_SECONDS, FOLLOW_SECONDS = 400, 60
QUANTILES = {"p50": 0.5, "p95": 0.95}


@dataclass(frozen=True, kw_only=True)
class Coming:
    """One job of the traffic."""

    at: float
    """Seconds after its begin."""
    submit: Callable[[], Any]


def traffic() -> list[Coming]:
    """Make the schools, and return what they send."""
    from tests.benchmarks.stage.replay import loads, people  # noqa: PLC0415  (Django is set up by now)

    chance = Random(SEED)
    senders = {
        size: [people.make_office(f"mail{size}-{n}", students=size) for n in range(3)] for size in SIZES
    }
    packers = [people.make_office(f"packets-{n}", students=STUDENTS) for n in range(3)]
    for office in packers:
        people.make_documents(office, students=STUDENTS)
    coming = [
        Coming(at=at, submit=partial(loads.mailing, chance.choice(senders[chance.choice(SIZES)])))
        for at in moments(chance, every=MAILING_EVERY)
    ]
    coming += [
        Coming(at=at, submit=partial(loads.packet, chance.choice(packers), students=STUDENTS))
        for at in moments(chance, every=PACKET_EVERY)
    ]
    return sorted(coming, key=lambda each: each.at)


def moments(chance: Random, *, every: float) -> list[float]:
    """Return when jobs come that come at random, `every` so many seconds on average."""
    found = [chance.expovariate(1 / every)]
    while found[-1] < SECONDS:
        found.append(found[-1] + chance.expovariate(1 / every))
    return found[:-1]


def send(coming: Sequence[Coming]) -> datetime:
    """Submit all at their time, wait until they are done, and return when that began."""
    from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

    from jobs.models import Job  # noqa: PLC0415  (as above)
    from jobs.testing import wait_until  # noqa: PLC0415  (as above)

    began_at, began = timezone.now(), time.monotonic()
    for each in coming:
        time.sleep(max(0.0, began + each.at - time.monotonic()))
        each.submit()
    sent = Job.objects.filter(created_at__gte=began_at).exclude(kind="jobs.canary")
    wait_until(lambda: not sent.filter(ended_at=None).exists(), seconds=LIMIT_SECONDS)
    return began_at


def measured(since: datetime) -> dict[str, dict[str, float]]:
    """Return each lane's true waits until its jobs' first part and times until their end, in seconds."""
    from django.db.models import Min  # noqa: PLC0415  (Django is set up by now)

    from jobs.models import Job  # noqa: PLC0415  (as above)
    from jobs.simulation.waits import quantile  # noqa: PLC0415  (as above)

    found = {}
    for lane in LANES:
        jobs = Job.objects.filter(created_at__gte=since, lane=lane).exclude(kind="jobs.canary")
        begun = jobs.annotate(first=Min("parts__claimed_at"))
        rows = list(begun.values_list("created_at", "first", "ended_at"))
        if rows:
            waits = [(first - created).total_seconds() for created, first, _ in rows]
            times = [(ended - created).total_seconds() for created, _, ended in rows]
            found[lane] = {
                **{f"wait_{name}": quantile(waits, share) for name, share in QUANTILES.items()},
                **{f"end_{name}": quantile(times, share) for name, share in QUANTILES.items()},
            }
    return found


def told(waits: Any) -> dict[str, float]:
    """Return the same figures of a simulated lane."""
    return {
        "wait_p50": waits.p50,
        "wait_p95": waits.p95,
        "end_p50": waits.end_p50,
        "end_p95": waits.end_p95,
    }


def beside(foretold: dict[str, float], true: dict[str, float]) -> dict[str, Any]:
    """Return pairs of what was told and what came true, and how far each is off, as a share."""
    return {
        name: {
            "told": round(foretold[name], 2),
            "true": round(true[name], 2),
            "off": off(foretold[name], true=true[name]),
        }
        for name in true
    }


def off(foretold: float, *, true: float) -> float:
    """Return by which share of the truth it was missed."""
    missed = foretold - true
    return 0.0 if abs(missed) < NOT_NOTICED_SECONDS else round(missed / max(true, NOT_NOTICED_SECONDS), 3)


def main() -> None:
    """Run all and print one line of JSON last."""
    with running_world() as world:
        world.prepare()
        print(json.dumps(run(world)))


def run(world: World) -> dict[str, Any]:
    """Return the figures."""
    from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

    from jobs.previewing import preview  # noqa: PLC0415  (as above)
    from jobs.settings import switchyard  # noqa: PLC0415  (as above)

    coming = traffic()
    world.outside(delay_seconds=ANSWER_SECONDS)
    world.start_ours(LANES)
    before = switchyard()
    first_at = send(coming)
    true_before, now = measured(first_at), timezone.now()
    hours = (now - first_at).total_seconds() / 3600
    found = preview(before=before, after=change(), weights_after={}, now=now, hours=hours)
    true_after = measured(send(coming))
    lanes = {each.lane: each for each in found.lanes if each.lane in true_before}
    figures: dict[str, Any] = {
        "jobs": len(coming),
        "before": {lane: beside(told(each.before), true_before[lane]) for lane, each in lanes.items()},
        "after": {lane: beside(told(each.after), true_after[lane]) for lane, each in lanes.items()},
    }
    all_lanes = [*figures["before"].values(), *figures["after"].values()]
    offs = [abs(pair["off"]) for lane in all_lanes for pair in lane.values()]
    return {**figures, "off_median": statistics.median(offs), "off_most": max(offs)}


def change() -> Any:
    """Save the changed settings, wait until the workers follow, and return them."""
    from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

    from jobs.models import SettingsVersion  # noqa: PLC0415  (as above)
    from jobs.presence import present_slots  # noqa: PLC0415  (as above)
    from jobs.settings import read_with  # noqa: PLC0415  (as above)
    from jobs.testing import wait_until  # noqa: PLC0415  (as above)

    now = timezone.now()
    after, number = read_with(CHANGE), SettingsVersion.objects.count() + 1
    SettingsVersion.objects.create(number=number, made_at=now, why="bench-preview", overrides=CHANGE)
    wanted = {lane: after.lanes[lane].workers for lane in LANES}
    wait_until(lambda: present_slots(LANES, now=timezone.now()) == wanted, seconds=FOLLOW_SECONDS)
    return after


if __name__ == "__main__":
    main()
