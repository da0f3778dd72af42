"""How fast a burst gets more workers: twice and four times as many at work, beside Celery's --autoscale.

Three sides take turns on one broker: our lane of threads, our lane of forked children, and a Celery worker
with `--autoscale=8,2`. Each has two workers and may have eight; the same number of calls that sleep comes at
once, and a counter outside says how many are at work. Seconds run from the first submission. Then: jobs a
second by number of workers, memory of an idle and of a busy worker, and the time of `make run` to ready.
`BENCH_SCALE_ROUNDS` sets the rounds; 1 takes some two minutes, each further one another minute.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stage.scaled"

import psutil
from switchyard.yard.group import Group
from switchyard.yard.programs import Program

from tests.benchmarks.stage import world
from tests.journeys.yards import RunningYard

ROUNDS = int(os.environ.get("BENCH_SCALE_ROUNDS", "5"))
BURST = 400
JOBS = 600
WAIT_SECONDS = 120
REST_SECONDS = 6
"""What each side gets to give up the workers that it took."""
AUTOSCALE = "bare-autoscale"
Figures = dict[str, Any]


def start(group: Group, name: str, command: list[str]) -> psutil.Process:
    """Start a program of a side and return its process."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{world.ROOT / 'platform'}:{world.ROOT}",
        "AUTOSCALE_KEEPALIVE": "3",  # as patient as our lanes
    }
    child = group.start(Program(name=name, command=command, environment=environment, is_ready=lambda: True))
    return psutil.Process(child.pid)


def start_sides(group: Group) -> dict[str, psutil.Process]:
    """Start a supervisor that sweeps, our workers and Celery's, and wait until they work."""
    manage = [sys.executable, str(world.ROOT / "manage.py")]
    start(group, "supervisor", [*manage, "supervisor", "--without-workers"])
    lanes = ("grow-threads", "grow-prefork", "fixed-prefork")
    started = {lane: start(group, lane, [*manage, "worker", lane]) for lane in lanes}
    bare = [sys.executable, "-m", "celery", "-A", "tests.benchmarks.stage.bare", "worker"]
    bare += ["--autoscale=8,2", "--without-mingle", "--without-gossip", "--prefetch-multiplier=1"]
    bare += [f"--queues={AUTOSCALE}", f"--hostname={AUTOSCALE}@bench", "--loglevel=WARNING"]
    started[AUTOSCALE] = start(group, AUTOSCALE, bare)
    for lane in lanes:
        wait_for(partial(has_slots, lane))
    return started


def wait_for(look: Callable[[], bool]) -> float:
    """Wait until `look` is true and return how long it took, in seconds."""
    began = time.monotonic()
    while not look():
        if time.monotonic() - began > WAIT_SECONDS:
            message = f"Not so within {WAIT_SECONDS} s."
            raise SystemExit(message)
        time.sleep(0.005)
    return time.monotonic() - began


def has_slots(lane: str, count: int | None = None) -> bool:
    """Say whether the lane's present workers do `count` parts at once; without it, any."""
    from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

    from jobs.presence import present_slots  # noqa: PLC0415

    slots = present_slots([lane], now=timezone.now()).get(lane, 0)
    return slots == count if count else slots > 0


def submit(kind: str, *, lane: str, jobs: int) -> None:
    """Submit `jobs` jobs to the lane at once."""
    from jobs.drafting import Request  # noqa: PLC0415  (Django is set up by now)
    from jobs.models import School  # noqa: PLC0415
    from jobs.submission import submit_many  # noqa: PLC0415

    school = School.objects.get(slug="bench")
    key = f"{lane}-{time.monotonic()}"
    options: dict[str, Any] = {"kind": kind, "school": school, "by": None, "arguments": {}, "lane": lane}
    submit_many([Request(**options, key=f"{key}-{number}") for number in range(jobs)])


def send_bare() -> None:
    """Send the same burst to Celery alone."""
    from tests.benchmarks.stage import bare  # noqa: PLC0415  (the broker's address is known by now)

    with bare.app.producer_or_acquire() as producer:
        for _ in range(BURST):
            bare.sleep.apply_async((AUTOSCALE,), queue=AUTOSCALE, producer=producer)


def burst(side: str, send: Callable[[], None], *, at_most: Callable[[], object]) -> dict[int, float]:
    """Send a burst and return after how many seconds 2, 4 and 8 were at work; wait for its end and a rest.

    `at_most` is called when all 8 are at work.
    """
    from tests.benchmarks.stage.gauge import Gauge  # noqa: PLC0415  (its address is known by now)

    gauge = Gauge(side)
    began = time.monotonic()
    send()
    seen: dict[int, float] = {}
    for number in (2, 4, 8):
        wait_for(partial(gauge.reaches, number))
        seen[number] = time.monotonic() - began
    at_most()
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < REST_SECONDS:
        if gauge.read():
            quiet_since = time.monotonic()
        time.sleep(0.05)
    return seen


def bursts(workers: dict[str, psutil.Process], *, busy: Figures) -> Figures:
    """Let the sides take turns and return the medians; note in `busy` what memory the `workers` have then."""
    sides: dict[str, Callable[[], None]] = {
        "grow-threads": lambda: submit("stage.sleep", lane="grow-threads", jobs=BURST),
        "grow-prefork": lambda: submit("stage.sleep", lane="grow-prefork", jobs=BURST),
        AUTOSCALE: send_bare,
    }
    rounds: dict[str, list[dict[int, float]]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, send in sides.items():
            weigh = partial(note, busy, side, worker=workers[side])
            rounds[side].append(burst(side, send, at_most=weigh))
            print(side, rounds[side][-1], flush=True)
    return {
        side: {
            f"seconds_to_{number}": round(statistics.median(each[number] for each in found), 2)
            for number in (2, 4, 8)
        }
        for side, found in rounds.items()
    }


def jobs_per_second() -> Figures:
    """Return the jobs without effect a second with 1, 2, 4 and 8 forked children of one worker."""
    from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

    from jobs import staffing  # noqa: PLC0415
    from jobs.models import Job  # noqa: PLC0415
    from jobs.settings import switchyard  # noqa: PLC0415

    lane = switchyard().lanes["fixed-prefork"]
    rates: Figures = {}
    for workers in (1, 2, 4, 8):
        now = timezone.now()
        staffing.scale(lane, workers=workers, by=None, why="x", until=now + timedelta(hours=1), now=now)
        wait_for(partial(has_slots, lane.name, workers))
        time.sleep(1)
        began = time.monotonic()
        submit("stage.nothing", lane=lane.name, jobs=JOBS)
        wait_for(lambda: not Job.objects.filter(lane=lane.name, ended_at=None).exists())
        rates[f"{workers}_workers"] = round(JOBS / (time.monotonic() - began))
        print(rates, flush=True)
    return rates


def note(figures: Figures, side: str, *, worker: psutil.Process) -> None:
    """Note the memory of a side's worker process, of which 8 workers are at work."""
    figures[side] = megabytes(worker, workers=8)


def megabytes(worker: psutil.Process, *, workers: int) -> Figures:
    """Return what a process has to itself, and what each of its forked children has, in megabytes.

    Also what that is for each of its `workers`, threads or children.
    """
    children = [child.memory_full_info().uss for child in worker.children()]
    own = worker.memory_full_info().uss
    each = {"each_worker": round((own + sum(children)) / workers / 1e6, 1)}
    child = {"child": round(statistics.median(children) / 1e6)} if children else {}
    return {"process": round(own / 1e6), **child, **each}


def seconds_of_make_run() -> float:
    """Return how long a yard takes from its start, all packages installed, until it says that it is ready."""
    with tempfile.TemporaryDirectory(prefix="switchyard-bench-yard-") as folder:
        began = time.monotonic()
        yard = RunningYard(var=Path(folder) / "var")
        yard.wait_until_ready()
        seconds = time.monotonic() - began
        yard.ask_to_end()
        yard.wait_for_end()
        return round(seconds, 1)


def main() -> None:
    """Run all and print one line of JSON last."""
    began = time.monotonic()
    with ExitStack() as stack:
        group = stack.enter_context(world.servers(stack))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-bench-broker-")))
        os.environ["BROKER_URL"] = world.start_valkey(group, folder / "valkey")
        os.environ["BENCH_GAUGE_URL"] = world.start_valkey(group, folder / "gauge")
        from tests.benchmarks.stage import sides  # noqa: PLC0415  (sets Django up with the addresses)

        sides.prepare()
        started = start_sides(group)
        slots = {"fixed-prefork": 1}
        idle = {side: megabytes(worker, workers=slots.get(side, 2)) for side, worker in started.items()}
        busy: Figures = {}
        figures: Figures = {"rounds": ROUNDS, "burst": bursts(started, busy=busy)}
        figures["jobs_per_second"] = jobs_per_second()
        figures["megabytes"] = {"idle": idle, "busy": busy}
    figures["seconds_of_make_run"] = seconds_of_make_run()
    ours = max(figures["burst"][lane]["seconds_to_4"] for lane in ("grow-threads", "grow-prefork"))
    figures["seconds_to_double"] = ours
    figures["ratio"] = round(ours / figures["burst"][AUTOSCALE]["seconds_to_4"], 2)
    figures["seconds_in_all"] = round(time.monotonic() - began)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
