"""`manage.py supervisor`: finds lost work again and keeps a worker for each lane at work."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jobs.asked import set_when_asked
from jobs.crew import Crew, worker_starter
from jobs.fleet import ENDS_WITHIN_SECONDS, supervise
from jobs.pulses import Listener
from jobs.quitting import quit_after, quit_at_once
from jobs.settings import switchyard


class Command(BaseCommand):
    """Starts the supervisor; Django runs its checks before, and a wrong setting stops the start."""

    help = "Sweep the lanes for lost work, and start and watch one worker process for each lane."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the supervisor leaves to others."""
        parser.add_argument(
            "--without-workers", action="store_true", help="only sweep; the workers are started elsewhere"
        )
        parser.add_argument(
            "--logs", type=Path, help="folder for the workers' logs; else they write where we do"
        )

    def handle(self, *_: Any, without_workers: bool, logs: Path | None, **__: Any) -> None:
        """Run until TERM or INT."""
        stopping = threading.Event()
        set_when_asked(stopping, signals=(signal.SIGTERM, signal.SIGINT))
        quit_after(stopping, seconds=ENDS_WITHIN_SECONDS)
        lanes = [] if without_workers else list(switchyard().lanes)
        pulses = Listener()
        crew = Crew(lanes=lanes, start=worker_starter(logs=logs, pulses=pulses), pulses=pulses)
        supervise(crew=crew, stopping=stopping)
        quit_at_once(os.EX_OK)
