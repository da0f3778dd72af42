"""Small jobs end to end, through the platform and through bare Celery; submissions and claims by themselves.

Both sides run in turns on the same broker with two prefork children each and task events on. Every job of
ours is a durable row with its history; a task of Celery's is a message. Times run from the first submission
to the last end; both sides are asked every 20 ms how many have ended. `BENCH_JOBS` sets the jobs of a side.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stage.settings"

from tests.benchmarks.stage import world
from tests.rabbitmq import is_installed, running_rabbitmq

JOBS = int(os.environ.get("BENCH_JOBS", "10000"))
ROUNDS = 3
CHUNK = 500
GIVE_UP_SECONDS = 300
Figures = dict[str, Any]


def measure(submit: Callable[[int], None], ended: Callable[[], int], *, count: int) -> float:
    """Return the jobs a second of submitting `count` jobs and seeing them end."""
    before = ended()
    started = time.monotonic()
    submit(count)
    while ended() - before < count:
        if time.monotonic() - started > GIVE_UP_SECONDS:
            message = f"Only {ended() - before} of {count} jobs ended within {GIVE_UP_SECONDS} s."
            raise SystemExit(message)
        time.sleep(0.02)
    return count / (time.monotonic() - started)


def compare(*, broker: str, name: str) -> Figures:
    """Run both sides in turns and return the medians."""
    from tests.benchmarks.stage import sides  # noqa: PLC0415  (Django is set up by now)

    ours, bare = sides.Ours(broker=broker), sides.Bare(broker=broker)
    for side in (ours, bare):
        measure(side.submit, side.ended, count=50)
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        rates["ours"].append(measure(ours.submit, ours.ended, count=JOBS // ROUNDS))
        rates["bare"].append(measure(bare.submit, bare.ended, count=JOBS // ROUNDS))
    medians = {side: statistics.median(found) for side, found in rates.items()}
    print(f"{name}: ours {medians['ours']:.0f} jobs/s, bare Celery {medians['bare']:.0f} jobs/s")
    return {
        "ours_jobs_per_second": round(medians["ours"]),
        "bare_jobs_per_second": round(medians["bare"]),
        "ratio": round(medians["ours"] / medians["bare"], 3),
    }


def main() -> None:
    """Run all and print one line of JSON last."""
    with ExitStack() as stack:
        group = stack.enter_context(world.servers(stack))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-bench-broker-")))
        os.environ["BROKER_URL"] = world.start_valkey(group, folder / "valkey")
        from tests.benchmarks.stage import sides  # noqa: PLC0415  (sets Django up with the addresses)

        figures: Figures = {"jobs": JOBS}
        sides.prepare()
        world.start_workers(group, broker=os.environ["BROKER_URL"], name="valkey")
        figures["valkey"] = compare(broker=os.environ["BROKER_URL"], name="Valkey")
        if is_installed():
            home = folder / "rabbitmq"
            home.mkdir()
            url = stack.enter_context(running_rabbitmq(group=group, home=home))
            world.start_workers(group, broker=url, name="rabbitmq")
            figures["rabbitmq"] = compare(broker=url, name="RabbitMQ")
        figures["submit_ms"] = sides.submit_latency()
        figures["claims_per_second"] = sides.claims()
        figures["ratio"] = figures["valkey"]["ratio"]
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
