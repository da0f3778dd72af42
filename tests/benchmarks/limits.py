"""Limits on real worker processes: what a lane at its limit really does in a minute, with 1 and 8 workers.

Each side has a lane of its own with 50 units a second, parts of 5 units, and more work than it may do. In the
same lanes another school has small jobs now and then: how long they wait while the first one is at its
own limit. A third lane is limited as a whole, and nobody rings it once it has its work: one process with four
slots must know by itself when its limit opens. `BENCH_SECONDS` sets the span; parts that were claimed within
it count.
"""

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stage.limited"

from switchyard.yard.group import Group
from switchyard.yard.programs import Program

from tests.benchmarks.stage import world

SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
RATE = 50
UNITS = 5
WORKERS = (1, 8)
SETTLING_SECONDS = 5


def start(group: Group, name: str, *arguments: str) -> None:
    """Start a management command of the platform."""
    environment = {**os.environ, "PYTHONPATH": f"{world.ROOT / 'platform'}:{world.ROOT}"}
    command = [sys.executable, str(world.ROOT / "manage.py"), *arguments]
    group.start(Program(name=name, command=command, environment=environment, is_ready=lambda: True))


def fill(lane: str, *, school: str, jobs: int) -> None:
    """Submit `jobs` jobs of five units each."""
    from jobs.drafting import Request  # noqa: PLC0415  (Django is set up by now)
    from jobs.models import School  # noqa: PLC0415
    from jobs.submission import submit_many  # noqa: PLC0415

    owner, _ = School.objects.get_or_create(slug=school, defaults={"name": school})
    key = f"{lane}-{time.monotonic()}"
    submit_many(
        [
            Request(
                kind="stage.nothing",
                school=owner,
                by=None,
                arguments={},
                key=f"{key}-{number}",
                units=UNITS,
                lane=lane,
            )
            for number in range(jobs)
        ]
    )


def wait_for_workers(lane: str, count: int) -> None:
    """Wait until so many workers of the lane are present."""
    from jobs.models import WorkerPresence  # noqa: PLC0415  (Django is set up by now)

    until = time.monotonic() + world.START_SECONDS
    while WorkerPresence.objects.filter(lane=lane).count() < count:
        if time.monotonic() > until:
            message = f"The {count} workers of {lane} did not start within {world.START_SECONDS} s."
            raise SystemExit(message)
        time.sleep(0.1)


def units_between(lane: str, begin: datetime, end: datetime) -> int:
    """Return the units of the large school's parts that were claimed in the span."""
    from django.db.models import Sum  # noqa: PLC0415  (Django is set up by now)

    from jobs.models import Part  # noqa: PLC0415

    parts = Part.objects.filter(lane=lane, school__slug="large", claimed_at__gte=begin, claimed_at__lt=end)
    return int(parts.aggregate(Sum("units"))["units__sum"] or 0)


def waits_of_the_small_school(lane: str) -> list[float]:
    """Return how long each job of the small school waited, in seconds, shortest first."""
    from jobs.models import Job  # noqa: PLC0415  (Django is set up by now)

    jobs = Job.objects.filter(lane=lane, school__slug="small").exclude(started_at=None)
    return sorted((job.started_at - job.created_at).total_seconds() for job in jobs if job.started_at)


def measure(group: Group, *, lane: str, workers: int, has_small_jobs: bool = True) -> dict[str, float]:
    """Return what the lane with so many worker processes did, against its limit."""
    from django.utils import timezone  # noqa: PLC0415  (Django is set up by now)

    for number in range(workers):
        start(group, f"{lane}-{number}", "worker", lane)
    wait_for_workers(lane, workers)
    fill(lane, school="large", jobs=round(RATE * (SECONDS + 4 * SETTLING_SECONDS) / UNITS))
    time.sleep(SETTLING_SECONDS)
    begin = timezone.now()
    end = begin + timedelta(seconds=SECONDS)
    while timezone.now() < end:
        if has_small_jobs:
            fill(lane, school="small", jobs=1)
        time.sleep(1)
    expected = RATE * SECONDS
    done = units_between(lane, begin, end)
    print(f"{lane}: {done} units in {SECONDS:g} s, {expected:g} expected")
    figures = {"units": done, "expected": expected, "error": round(abs(done - expected) / expected, 4)}
    if has_small_jobs:
        waits = waits_of_the_small_school(lane)
        figures["small_school_wait_p50"] = round(waits[len(waits) // 2], 3)
        figures["small_school_wait_longest"] = round(waits[-1], 3)
    return figures


def main() -> None:
    """Run both sides and print one line of JSON last."""
    with ExitStack() as stack:
        group = stack.enter_context(world.servers(stack))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-bench-broker-")))
        os.environ["BROKER_URL"] = world.start_valkey(group, folder / "valkey")
        from tests.benchmarks.stage import sides  # noqa: PLC0415  (sets Django up with the addresses)

        sides.prepare()
        start(group, "supervisor", "supervisor", "--without-workers")
        figures = {
            f"{workers}_workers": measure(group, lane=f"limited-{workers}", workers=workers)
            for workers in WORKERS
        }
        figures["whole_lane"] = measure(group, lane="limited-whole", workers=1, has_small_jobs=False)
        worst = max(figures[side]["error"] for side in figures)
        print(json.dumps({"seconds": SECONDS, "rate": RATE, **figures, "ratio": round(1 + worst, 4)}))


if __name__ == "__main__":
    main()
