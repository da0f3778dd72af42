"""Gunicorn's settings, for the yard and for production."""

import os
import sys
from typing import Any

from switchyard.env import WrongVariable
from switchyard.web import read_all

try:
    web = read_all()
except WrongVariable as error:
    sys.exit(str(error))
bind, workers, threads = web.bind, web.workers, web.threads
worker_class = "gthread"
# A worker that says nothing for this long is started again; threads keep it talking while pages work.
timeout = 30
# Pages are short: what takes longer is a job. After this long the end does not wait for them.
graceful_timeout = 3
# Above the idle time that the load balancer in front keeps connections for.
keepalive = 75
# Large uploads lie on disk, the workers' heartbeat need not.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108  (Docker's /tmp may be a slow disk)
control_socket_disable = True
accesslog = None


def post_worker_init(worker: Any) -> None:
    """Let a web process add what it observes to what all have observed."""
    from jobs.tallying import Tallying  # noqa: PLC0415  (its app is loaded by now)

    worker.tallying = Tallying()
    worker.tallying.start()


def worker_exit(_server: Any, worker: Any) -> None:
    """Let it add the last of it; a process that never got ready has none."""
    if tallying := getattr(worker, "tallying", None):
        tallying.stop()
