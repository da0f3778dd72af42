"""`manage.py worker LANE`: answers the doorbells of one lane."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.management.verbs.inputs import lane_named
from jobs.pulses import NoPipe, Pulse
from jobs.quitting import quit_at_once
from jobs.tallying import Tallying
from jobs.worker import ParentGone, end_with, work_lane


class Command(BaseCommand):
    """Starts a lane's worker; Django runs its checks before, and a wrong setting stops the start."""

    help = "Answer the doorbells of one lane, with its pool and its number of workers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the lane, and the process to end with."""
        parser.add_argument("lane", help="name of the lane, as in SWITCHYARD['lanes']")
        parser.add_argument(
            "--end-with", type=int, metavar="PID", help="end when this process, our parent, ends"
        )
        parser.add_argument(
            "--pulse-to", type=int, metavar="FD", help="pipe through which our parent sees that we live"
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
        end_with: int | None,
        pulse_to: int | None,
        end_when_changed: bool,
        **__: Any,
    ) -> None:
        """Run until a signal asks to end."""
        found = lane_named(lane)
        if end_with is not None:
            follow(end_with)
        if pulse_to is not None:
            pulse(pulse_to)
        with Tallying():
            code = work_lane(found, ends_when_changed=end_when_changed)
        quit_at_once(code)


def follow(parent: int) -> None:
    """End with the process `parent`."""
    try:
        end_with(parent=parent)
    except ParentGone as error:
        raise CommandError(str(error)) from error


def pulse(pipe: int) -> None:
    """Give signs of life through `pipe`."""
    try:
        Pulse(pipe=pipe).start()
    except NoPipe as error:
        raise CommandError(str(error)) from error
