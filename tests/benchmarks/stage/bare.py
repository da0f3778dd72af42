"""The baseline: Celery alone, at its own settings, with a task without effect."""

import os

from celery import Celery

from tests.benchmarks.stage import gauge

app = Celery("bare", broker=os.environ["BROKER_URL"])
app.conf.task_default_queue = "bare"


@app.task(ignore_result=True)
def nothing() -> None:
    """Do nothing."""


@app.task(ignore_result=True)
def sleep(queue: str) -> None:
    """Sleep, and say meanwhile that it is at work."""
    gauge.sleep(queue)
