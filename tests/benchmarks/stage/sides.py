"""The two sides of bench-jobs, and what is measured of ours alone: submissions and claims."""

import logging
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from celery import current_app  # noqa: E402  (Django comes first)
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from kombu import pools  # noqa: E402

from jobs.claiming import claim  # noqa: E402
from jobs.drafting import Request  # noqa: E402
from jobs.models import Job, Part, School, Share  # noqa: E402
from jobs.settings import switchyard  # noqa: E402
from jobs.submission import submit, submit_many  # noqa: E402
from tests.benchmarks.stage import bare  # noqa: E402

logging.getLogger().setLevel(logging.ERROR)

CHUNK = 500
CLAIMS = 400


def prepare() -> None:
    """Make the tables and a school."""
    call_command("migrate", verbosity=0)
    School.objects.create(name="Bench", slug="bench")


class Ours:
    """Jobs through the platform."""

    def __init__(self, *, broker: str) -> None:
        """Publish to `broker`."""
        current_app.conf.broker_url = broker
        pools.reset()
        current_app._after_fork()
        self._school = School.objects.get(slug="bench")
        self._count = Job.objects.count()

    def submit(self, count: int) -> None:
        """Submit `count` jobs, 500 at a time."""
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            submit_many([self._request(self._count + number) for number in range(size)])
            self._count += size

    def ended(self) -> int:
        """Return how many jobs have ended."""
        return Job.objects.filter(kind="stage.nothing", ended_at__isnull=False).count()

    def _request(self, number: int) -> Request:
        return Request(kind="stage.nothing", school=self._school, by=None, arguments={}, key=str(number))


class Bare:
    """Tasks of Celery alone."""

    def __init__(self, *, broker: str) -> None:
        """Publish to `broker`."""
        bare.app.conf.broker_url = broker
        self._ended = 0

    def submit(self, count: int) -> None:
        """Send `count` tasks over one connection."""
        with bare.app.producer_or_acquire() as producer:
            for _ in range(count):
                bare.nothing.apply_async(producer=producer)

    def ended(self) -> int:
        """Return how many tasks the worker has done; it is asked only once its queue is empty."""
        with bare.app.connection_or_acquire() as connection:
            queue = connection.default_channel.queue_declare(queue="bare", durable=True, auto_delete=False)
        if queue.message_count:
            return self._ended
        answers: dict[str, Any] = bare.app.control.inspect(["bare@bench"], timeout=2, limit=1).stats() or {}
        done = sum(sum(answer["total"].values()) for answer in answers.values())
        self._ended = max(self._ended, done)
        return self._ended


def submit_latency(*, count: int = 500) -> dict[str, float]:
    """Return the median and the 99th percentile of one submission by itself, in milliseconds."""
    school = School.objects.get(slug="bench")
    took = []
    for number in range(count):
        started = time.monotonic()
        submit(kind="stage.nothing", school=school, by=None, arguments={}, key=f"latency-{number}")
        took.append((time.monotonic() - started) * 1000)
    cuts = statistics.quantiles(took, n=100)
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2)}


def claims() -> dict[str, dict[str, int]]:
    """Return the claims a second by parts waiting and by workers that claim at once."""
    return {
        f"{waiting}_waiting": {f"{workers}_workers": _claims(waiting, workers) for workers in (1, 2, 4, 8)}
        for waiting in (10, 100_000)
    }


def _claims(waiting: int, workers: int) -> int:
    """Claim with `workers` threads from 20 schools, with `waiting` parts beside those that are claimed."""
    Part.objects.filter(lane="claims").delete()
    schools = [School.objects.get_or_create(slug=f"school-{number}", name="x")[0] for number in range(20)]
    for school in schools:
        Share.objects.get_or_create(lane="claims", school=school)
        _make_parts(school, (waiting + CLAIMS) // len(schools))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_part")
    started = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(_claim_some, [CLAIMS // workers] * workers))
    return round(CLAIMS / (time.monotonic() - started))


def _make_parts(school: School, count: int) -> None:
    now = timezone.now()
    job, _ = Job.objects.get_or_create(
        school=school, kind="stage.nothing", key="claims", defaults={"lane": "claims", "created_at": now}
    )
    parts = [Part(job=job, school=school, lane="claims", ready_at=now, units=1) for _ in range(count)]
    Part.objects.bulk_create(parts, batch_size=5000)


def _claim_some(count: int) -> None:
    try:
        for _ in range(count):
            assert claim(lane=switchyard().lanes["claims"], worker="bench", now=timezone.now())
    finally:
        connection.close()
