"""The baselines: Celery alone with one queue for everything, and with the broker's priorities.

Their tasks run the same verbs on the same rows as ours, cut as suits them best: one mail with files is a
task, so that a slot is free again soon. Messages are acknowledged late and one for each slot is fetched, so
that none waits behind a busy slot. A third one, in threads, does the parts as the platform cuts them: beside
it one sees what claims, fair shares and limits cost.
"""

import os
import random
import sys
from collections.abc import Mapping
from typing import Any

import django

django.setup()

from celery import Celery, Task  # noqa: E402  (Django comes first)
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from emails import ledger  # noqa: E402
from jobs import breakers  # noqa: E402
from jobs.models import Job, JobState  # noqa: E402
from jobs.registry import kind_named  # noqa: E402
from jobs.retries import TemporaryFailure  # noqa: E402

STEPS = {"emails.code": 0, "packets.build": 3, "uploads.check": 3, "uploads.import": 3}
"""Redis and Valkey serve the lowest number first."""
SMALL_MAILING, SMALL, LAST = 200, 6, 9
"""Mailings to so many go before larger ones, which go last with all else."""


class JobEnded(Exception):
    """The job was ended while its task waited or ran."""


class Plain:
    """A part as a verb sees it, without a platform around it."""

    def __init__(self, job: Job, *, arguments: Mapping[str, Any], units: int, attempt: int) -> None:
        """Show what the task was sent with."""
        self.job, self.arguments, self.units, self.attempt = job, arguments, units, attempt

    def check(self) -> None:
        """End when the job has."""
        if Job.objects.filter(pk=self.job.pk, ended_at__isnull=False).exists():
            raise JobEnded

    def report(self, *, done: int, failed: int = 0) -> None:
        """Tell nobody."""


def plan(self: "Task[Any, Any]", job_id: int) -> None:
    """Send a task for each part."""
    job = _open(job_id)
    parts = list(kind_named(job.kind).plan(job))
    Job.objects.filter(pk=job_id).update(parts_open=len(parts))
    send_many(self.app, job, [(part.arguments, part.units) for part in parts])


def work(self: "Task[Any, Any]", job_id: int, arguments: dict[str, Any], units: int) -> None:
    """Do a part; the last one ends the job."""
    job = _open(job_id)
    kind = kind_named(job.kind)
    attempt = self.request.retries + 1
    try:
        kind.work(Plain(job, arguments=arguments, units=units, attempt=attempt))
    except TemporaryFailure as error:
        wait = kind.retry.delay_seconds(attempt=attempt, chance=random.Random())
        raise self.retry(exc=error, countdown=wait, max_retries=kind.retry.attempts - 1) from error
    Job.objects.filter(pk=job_id).update(parts_open=F("parts_open") - 1)
    if Job.objects.filter(pk=job_id, parts_open=0, ended_at=None).exists():
        if kind.has_finish:
            kind.finish(job)
        Job.objects.filter(pk=job_id, ended_at=None).update(state=JobState.DONE, ended_at=timezone.now())


def make(name: str, *, database: int, has_priorities: bool) -> Celery:
    """Return a baseline's application."""
    broker = os.environ["REPLAY_BROKER_URL"].rpartition("/")[0] + f"/{database}"
    app = Celery(name, broker=broker, set_as_current=False)
    app.conf.update(
        task_default_queue=name,
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
    )
    # Without its own steps the transport would heed priorities by default.
    app.conf.broker_transport_options = {
        "priority_steps": [0, 3, SMALL, LAST] if has_priorities else [0],
        "queue_order_strategy": "priority",
    }
    app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
    for verb in (plan, work):
        app.task(name=verb.__name__, bind=True)(verb)
    return app


def send(app: Celery, job: Job) -> None:
    """Send a job's first task."""
    if kind_named(job.kind).has_plan:
        app.send_task("plan", [job.pk], priority=_step(job))
    else:
        send_many(app, job, [(job.arguments, job.units_total)])


def send_many(app: Celery, job: Job, parts: list[tuple[Mapping[str, Any], int]]) -> None:
    """Send a task for each of `parts` over one connection."""
    with app.producer_or_acquire() as producer:
        for arguments, units in parts:
            words = [job.pk, arguments, units]
            app.send_task("work", words, priority=_step(job), producer=producer)


def _step(job: Job) -> int:
    is_small = job.kind == "emails.mailing" and job.units_total <= SMALL_MAILING
    return SMALL if is_small else STEPS.get(job.kind, LAST)


def _open(job_id: int) -> Job:
    job = Job.objects.select_related("school").get(pk=job_id)
    if job.has_ended:
        raise JobEnded
    Job.objects.filter(pk=job_id, started_at=None).update(state=JobState.WORKING, started_at=timezone.now())
    return job


def strip() -> None:
    """Take from this process what only the platform has: breakers, and parts of many large mails."""
    breakers._let_in = lambda *_, **__: None
    breakers.Visit.worked = breakers.Visit.failed = lambda *_, **__: None
    ledger.part_size = lambda *_, attached_bytes: 1 if attached_bytes else ledger.PART_RECIPIENTS


shared = make("shared", database=1, has_priorities=False)
priorities = make("priorities", database=2, has_priorities=True)
threads = make("threads", database=3, has_priorities=False)
