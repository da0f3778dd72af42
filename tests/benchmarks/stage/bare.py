"""The baseline: Celery alone, at its own settings, with a task without effect."""

import os

from celery import Celery

app = Celery("bare", broker=os.environ["BROKER_URL"])
app.conf.task_default_queue = "bare"


@app.task(ignore_result=True)
def nothing() -> None:
    """Do nothing."""
