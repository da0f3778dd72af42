"""The sides of a replay: which of them takes what is submitted, and how a side is emptied again."""

import logging
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import django
import redis

django.setup()

from celery import Celery  # noqa: E402  (Django comes first)
from django.db import transaction  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.utils import timezone  # noqa: E402

from jobs import lifecycle, submission  # noqa: E402
from jobs.models import IDLE_STATES, Breaker, Job, JobState, Part, PartState, WorkerPresence  # noqa: E402
from jobs.registry import kind_named  # noqa: E402
from tests.benchmarks.stage.replay import bare  # noqa: E402

logging.getLogger().setLevel(logging.ERROR)

OURS, SHARED, PRIORITIES, THREADS, NOBODY = "switchyard", "shared", "priorities", "threads", ""
BASELINES: dict[str, Celery] = {
    SHARED: bare.shared,
    PRIORITIES: bare.priorities,
    THREADS: bare.threads,
}
NAMES = {
    OURS: "Switchyard",
    SHARED: "one Celery queue",
    PRIORITIES: "Celery with priorities",
    THREADS: "Celery in threads",
}
MAILINGS = "bulk"
"""The lane of mailings."""
LOOK_SECONDS = 0.1
DRAIN_SECONDS = 60

_submit_many = submission.submit_many
_side = OURS


def take(side: str) -> None:
    """Let `side` take what this process submits from now on.

    Raises:
        RuntimeError: an app has a submission of its own, which would go to Switchyard whatever the side.
    """
    kept = [name for name, module in sys.modules.items() if vars(module).get("submit_many") is _submit_many]
    astray = [name for name in kept if not name.startswith("jobs.")]  # the core's canaries are for our lanes
    if astray:
        message = f"These modules submit past the sides: {', '.join(astray)}."
        raise RuntimeError(message)
    global _side  # noqa: PLW0603  (one process, one side at a time)
    _side = side


def _dispatch(requests: Sequence[submission.Request]) -> list[Job]:
    if _side == OURS:
        return _submit_many(requests)
    jobs = [_row(request) for request in requests]
    Job.objects.bulk_create(jobs)
    if _side == NOBODY:
        return jobs
    app = BASELINES[_side]
    transaction.on_commit(lambda: [bare.send(app, job) for job in jobs])
    return jobs


def _row(request: submission.Request) -> Job:
    """Return what a baseline needs of a job; it stands in none of our lanes, so that we leave it alone.

    A mailing that is cut as the platform does stands in its own lane: its plan asks for the limits there.
    """
    return Job(
        school=request.school,
        kind=request.kind,
        key=request.key,
        lane=MAILINGS if _side in {THREADS, NOBODY} else _side,
        title=request.title,
        arguments=request.arguments,
        submitted_by=request.by,
        units_total=max(request.units, 1),
        parts_open=0 if kind_named(request.kind).has_plan else 1,
        created_at=timezone.now(),
    )


submission.submit_many = _dispatch


def written(send: Callable[[], Job]) -> Job:
    """Return the job of the mailing that `send` sends, with its ledger written, but submitted to nobody."""
    before = _side
    take(NOBODY)
    try:
        job = send()
        list(kind_named(job.kind).plan(job))
    finally:
        take(before)
    return job


def drop_all() -> None:
    """End all open jobs of the side in force, drop what waits, and wait until nothing is at work."""
    if _side == OURS:
        for job in Job.objects.filter(ended_at=None):
            lifecycle.end(job, state=JobState.STOPPED)
    else:
        redis.Redis.from_url(BASELINES[_side].conf.broker_url).flushdb()
        Job.objects.filter(ended_at=None).update(state=JobState.STOPPED, ended_at=timezone.now())
    wait_until_idle()


def wait_until_idle(*, seconds: float = DRAIN_SECONDS) -> None:
    """Wait until the side in force works on nothing.

    Raises:
        TimeoutError: it still does after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while _at_work():
        if time.monotonic() > deadline:
            message = f"{NAMES[_side]} still works after {seconds:g} seconds: {_what_is_left()}"
            raise TimeoutError(message)
        time.sleep(LOOK_SECONDS)


def _parts_left() -> QuerySet[Part]:
    there = Part.objects.filter(lane__in=lanes_present(), state__in=(PartState.WORKING, *IDLE_STATES))
    return there.exclude(job__kind__startswith="jobs.")


def _what_is_left() -> list[dict[str, Any]]:
    """Return the first parts, with what tells why nobody does them."""
    columns = (
        "lane",
        "state",
        "step",
        "job__kind",
        "job__state",
        "attempt",
        "ready_at",
        "leased_until",
        "error",
    )
    return list(_parts_left().values(*columns)[:10]) if _side == OURS else []


def _at_work() -> bool:
    if _side == OURS:
        return _parts_left().exists()
    answers: dict[str, Any] = BASELINES[_side].control.inspect(timeout=1, limit=1).active() or {}
    return any(answers.values())


def lanes_present() -> set[str]:
    """Return the lanes that have a worker."""
    return set(WorkerPresence.objects.values_list("lane", flat=True))


def forget_breakers() -> None:
    """Let no breaker of an earlier phase stay open."""
    Breaker.objects.all().delete()
