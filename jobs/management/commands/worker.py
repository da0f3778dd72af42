"""`manage.py worker LANE`: answers the doorbells of one lane."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.adopting import PLACE_OPTION, POOL_OPTION, PULSE_OPTION
from jobs.asking import NoSuchLane
from jobs.lanes import PoolType
from jobs.management.verbs.inputs import lane_named
from jobs.pulses import Pulse
from jobs.quitting import quit_at_once
from jobs.tallying import Tallying
from jobs.worker import work_lane


class Command(BaseCommand):
    """Starts a lane's worker; Django runs its checks before, and a wrong setting stops the start."""

    help = "Answer the doorbells of one lane, with its pool and its number of workers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the lane, and what a supervisor says of it."""
        parser.add_argument("lane", help="name of the lane, as in SWITCHYARD['lanes']")
        parser.add_argument(
            PULSE_OPTION.rstrip("="),
            type=Path,
            metavar="PIPE",
            help="give signs of life into this named pipe, at which a supervisor listens or none",
        )
        parser.add_argument(
            POOL_OPTION.rstrip("="), choices=get_args(PoolType), help="the pool; else that of the settings"
        )
        parser.add_argument(
            PLACE_OPTION.rstrip("="),
            type=int,
            metavar="N",
            help="which of the lane's processes on this host it is, for the next supervisor; the first is 0",
        )
        parser.add_argument(
            "--end-when-changed",
            action="store_true",
            help="end when the settings want another pool for the lane; for services that are started again",
        )

    def handle(
        self,
        *_: Any,
        lane: str,
        pulse_to: Path | None,
        pool: PoolType | None,
        end_when_changed: bool,
        **__: Any,
    ) -> None:
        """Run until a signal asks to end."""
        try:
            found = lane_named(lane)
        except NoSuchLane as error:
            raise CommandError(str(error)) from error
        if pool is not None:
            found = replace(found, pool=pool)
        if pulse_to is not None:
            Pulse(to=pulse_to).start()
        with Tallying():
            code = work_lane(found, ends_when_changed=end_when_changed)
        quit_at_once(code)
