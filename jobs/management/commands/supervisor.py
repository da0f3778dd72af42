"""`manage.py supervisor`: finds lost work again and keeps a worker for each lane at work."""

import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.adopting import find_workers
from jobs.alive import AliveFile, CannotTell
from jobs.asked import set_when_asked
from jobs.asking import NoSuchLane
from jobs.crew import Crew
from jobs.fleet import ENDS_WITHIN_SECONDS, supervise
from jobs.management.verbs.inputs import lane_named
from jobs.pulses import Listener
from jobs.quitting import quit_after, quit_at_once
from jobs.run_folder import KeptAlready, NoRunFolder, RunFolder
from jobs.scraping.serving import PortTaken, serve
from jobs.settings import switchyard
from jobs.starting import worker_starter
from jobs.tallying import Tallying
from jobs.watchdog import Watchdog


class Command(BaseCommand):
    """Starts the supervisor; Django runs its checks before, and a wrong setting stops the start."""

    help = "Sweep the lanes for lost work, and start and watch one worker process for each lane."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the supervisor leaves to others."""
        shares = parser.add_mutually_exclusive_group()
        shares.add_argument(
            "--without-workers", action="store_true", help="only sweep; the workers are started elsewhere"
        )
        shares.add_argument(
            "--only",
            metavar="LANE",
            help="only keep this lane's worker at work, replaced when it stands still; others sweep",
        )
        parser.add_argument(
            "--metrics-port",
            type=int,
            metavar="PORT",
            help="serve /metrics there; others than this machine reach it only when METRICS_TOKEN is set",
        )
        parser.add_argument(
            "--logs", type=Path, help="folder for the workers' logs; else they write where we do"
        )
        parser.add_argument(
            "--alive",
            type=Path,
            metavar="FILE",
            help="touch this file again and again while the sweeps go on and all workers are well",
        )
        parser.add_argument(
            "--pulses",
            type=Path,
            metavar="PIPE",
            help="write a sign of life into this pipe once a second, so that whoever listens can replace us",
        )

    def handle(
        self,
        *_: Any,
        without_workers: bool,
        only: str | None,
        metrics_port: int | None,
        logs: Path | None,
        alive: Path | None,
        pulses: Path | None,
        **__: Any,
    ) -> None:
        """Run until TERM or INT."""
        try:
            lanes = [lane_named(only).name] if only else [] if without_workers else list(switchyard().lanes)
            file = AliveFile(alive)
        except (NoSuchLane, CannotTell) as error:
            raise CommandError(str(error)) from error
        stopping = threading.Event()
        set_when_asked(stopping, signals=(signal.SIGTERM, signal.SIGINT, *hangup()))
        quit_after(stopping, seconds=ENDS_WITHIN_SECONDS)
        if metrics_port is not None:
            serve_metrics(metrics_port)
        crew = crew_of(lanes, logs=logs)
        with Tallying():
            supervise(
                crew=crew,
                stopping=stopping,
                sweeps=only is None,
                tell_alive=file.tell,
                watchdog=Watchdog(pipe=pulses),
            )
        file.close()
        quit_at_once(os.EX_OK)


def hangup() -> tuple[signal.Signals, ...]:
    """Return HUP, the end of a terminal, unless whoever started us lets it pass by, as nohup does."""
    return () if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else (signal.SIGHUP,)


def crew_of(lanes: Sequence[str], *, logs: Path | None) -> Crew:
    """Return a crew for `lanes`, with the workers that an earlier supervisor of this host left at work."""
    folder = RunFolder(settings.RUN_FOLDER)
    try:
        folder.keep(lanes)
    except (KeptAlready, NoRunFolder) as error:
        raise CommandError(str(error)) from error
    pipes = {lane: folder.pulses(lane) for lane in lanes}
    crew = Crew(
        lanes=lanes, start=worker_starter(logs=logs, folder=folder), pulses=Listener.at(pipes.values())
    )
    crew.adopt(find_workers(pipes), now=time.monotonic())
    return crew


def serve_metrics(port: int) -> None:
    """Serve /metrics on `port`."""
    try:
        serve(port=port)
    except PortTaken as error:
        raise CommandError(str(error)) from error
