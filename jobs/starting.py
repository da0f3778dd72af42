"""How a lane's worker is started: a process of its own, which the next supervisor finds by its command."""

import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

from django.conf import settings

from jobs.adopting import PLACE_OPTION, POOL_OPTION, PULSE_OPTION
from jobs.handover import Start
from jobs.lanes import PoolType
from jobs.posts import Process
from jobs.run_folder import RunFolder


def worker_starter(*, logs: Path | None, folder: RunFolder) -> Start:
    """Return what starts a lane's worker as a process of its own, with its log in the folder `logs`.

    Without `logs` the workers write where we write. They give signs of life into the pipes of `folder`, by
    which the next supervisor finds them, and live on without us.
    """

    def start(lane: str, pool: PoolType | None, place: int) -> Process:
        manage = str(settings.ROOT / "manage.py")
        command = [sys.executable, manage, "worker", lane, f"{PULSE_OPTION}{folder.pulses(lane)}"]
        command += [f"{POOL_OPTION}{pool}"] if pool else []
        command += [f"{PLACE_OPTION}{place}"] if place else []
        with _log(logs, lane=lane) as output:
            return subprocess.Popen(  # noqa: S603  (our own command)
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    return start


def _log(folder: Path | None, *, lane: str) -> AbstractContextManager[IO[bytes] | None]:
    return (folder / f"worker-{lane}.log").open("ab") if folder else nullcontext()
