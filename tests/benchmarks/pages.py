"""Pages of a platform with a long past, and under the eyes of 500 people.

First `BENCH_PAGES_JOBS` ended jobs (5,000,000) are written, a quarter of them one school's. Then each list,
search and page of ops is asked for one by one, as staff of that school, as ops, and over the API. Then 500
people each look at a job of theirs that is at work: together they ask `BENCH_PAGES_RATE` (200) times a second
for `BENCH_PAGES_SECONDS` (30), at fixed moments; what came in the 15 seconds before, in which all of them
look for the first time, is told apart. Of these jobs `BENCH_PAGES_GET_ON` (25) get on each second, as many
as workers might have in hand. Web server, database and browsers share the machine; the numbers of web
processes and threads are those that the platform ships with. `cores` says how much of a processor the
browsers took.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.stage.settings"

from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.programs import Program, wait_until_ready

from tests.benchmarks.stage import world
from tests.benchmarks.stage.polling import Browser, failures, poll

JOBS = int(os.environ.get("BENCH_PAGES_JOBS", "5000000"))
RATE = float(os.environ.get("BENCH_PAGES_RATE", "200"))
SECONDS = float(os.environ.get("BENCH_PAGES_SECONDS", "30"))
GET_ON = int(os.environ.get("BENCH_PAGES_GET_ON", "25"))
PEOPLE = 500
TIMES = 40
WARM_UP_SECONDS = 15
Figures = dict[str, Any]
STAFF = (
    "/",
    "/home/now/",
    "/jobs/",
    "/jobs/?page=2",
    "/jobs/?page=40000",
    "/jobs/?state=failed",
    "/jobs/?state=stopped",
    "/jobs/?state=problems&kind=packets.packet",
    "/jobs/?text=no.+1234567",
    "/jobs/?text=nothing+has+this+name",
    "/jobs/?since=2026-01-05&until=2026-01-06",
    "/mailings/",
    "/packets/",
    "/uploads/",
    "/notifications/",
)
OPS = (
    "/",
    "/ops/",
    "/ops/lanes/",
    "/ops/workers/",
    "/jobs/",
    "/jobs/?page=200000",
    "/jobs/?state=failed",
    "/jobs/?state=stopped",
    "/jobs/?state=waiting",
    "/jobs/?text=no.+1234567",
    "/metrics",
)


@contextmanager
def web(group: Group, *, folder: Path) -> Iterator[int]:
    """Run the web server and return its port."""
    (port,) = free_ports(1)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{world.ROOT / 'platform'}:{world.ROOT}",
        "WEB_BIND": f"127.0.0.1:{port}",
        "SECRET_KEY": "for-a-benchmark-" * 4,
        "SWITCHYARD_DEMO": "on",  # plain HTTP, as at home
        "SWITCHYARD_VAR": str(folder),
    }
    settings = world.ROOT / "platform" / "deploy" / "gunicorn.conf.py"
    command = [sys.executable, "-m", "gunicorn", f"--config={settings}", "switchyard.wsgi"]
    program = Program(
        name="web", command=command, environment=environment, is_ready=lambda: status(port, "/health") == 200
    )
    child = group.start(program)
    wait_until_ready([child], seconds=world.START_SECONDS)
    yield port
    child.terminate()
    child.wait(timeout=30)


def status(port: int, path: str, *, session: str = "", connection: HTTPConnection | None = None) -> int:
    """Ask for a page and return the status; 0 where nobody answers."""
    asked = connection or HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        asked.request("GET", path, headers={"Cookie": f"sessionid={session}"} if session else {})
        answer = asked.getresponse()
        answer.read()
    except OSError:
        return 0
    return answer.status


def walk(port: int, paths: tuple[str, ...], *, session: str) -> Figures:
    """Return by path the milliseconds that half and 95 of 100 answers took, asked for one by one in turn."""
    taken: dict[str, list[float]] = {path: [] for path in paths}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(TIMES):
        for path in paths:
            began = time.perf_counter()
            found = status(port, path, session=session, connection=connection)
            taken[path].append(time.perf_counter() - began)
            if found != 200:
                message = f"{path} was answered {found}."
                raise SystemExit(message)
    return {path: spread(seconds) for path, seconds in taken.items()}


def watch(browsers: Sequence[Browser]) -> Figures:
    """Let all of them poll, and return how long the first answers took, and the others."""
    taken = time.process_time()
    asked = poll(browsers, every=PEOPLE / RATE, warm_up=WARM_UP_SECONDS, seconds=SECONDS)
    first = asyncio.run(asked)
    taken = time.process_time() - taken
    answers = [seconds for browser in browsers for seconds, _ in browser.answers]
    polling = spread(answers) | {
        "a_second": round(len(answers) / SECONDS),
        "failed": failures(browsers),
        "the_same": sum(status == 304 for browser in browsers for _, status in browser.answers),
        "cores": round(taken / (WARM_UP_SECONDS + SECONDS), 2),
    }
    return {"polling_at_first": spread(first), "polling": polling}


def spread(seconds: Sequence[float]) -> Figures:
    """Return the 50th and the 95th of 100, in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {"p50": round(statistics.median(ordered) * 1000, 1), "p95": round(p95 * 1000, 1)}


def main() -> None:
    """Run all and print one line of JSON last."""
    with ExitStack() as stack:
        group = stack.enter_context(world.servers(stack))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-bench-pages-")))
        os.environ["BROKER_URL"] = world.start_valkey(group, folder / "valkey")
        from tests.benchmarks.stage import sides  # noqa: I001, PLC0415  (sets Django up with the addresses)
        from tests.benchmarks.stage.history import getting_on, write_past, write_present  # noqa: PLC0415
        from tests.benchmarks.stage.visiting import session_of  # noqa: PLC0415

        from jobs.models import Role  # noqa: PLC0415
        from jobs.testing import make_person  # noqa: PLC0415

        sides.prepare()
        began = time.monotonic()
        schools = write_past(JOBS)
        present = write_present(schools, people=PEOPLE)
        figures: Figures = {"jobs": JOBS, "seconds_to_write": round(time.monotonic() - began)}
        print(json.dumps(figures), file=sys.stderr)
        port = stack.enter_context(web(group, folder=folder))
        first, job = present[0]
        figures["staff"] = walk(port, (*STAFF, f"/jobs/{job.pk}/"), session=session_of(first))
        figures["ops"] = walk(port, OPS, session=session_of(make_person(role=Role.OPS)))
        print(json.dumps(figures), file=sys.stderr)
        browsers = [
            Browser(port=port, path=f"/jobs/{job.pk}/standing/?state=working", session=session_of(person))
            for person, job in present
        ]
        with getting_on([job for _, job in present[:GET_ON]]):
            figures |= watch(browsers)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
