"""`manage.py jobs honesty`: how the times that jobs were told compare with what came true."""

from dataclasses import asdict
from datetime import timedelta

from django.core.management.base import CommandParser, OutputWrapper
from django.utils import timezone

from jobs import telling
from jobs.api.answer import Answer
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit
from jobs.management.verbs.inputs import moment_before
from jobs.management.verbs.outputs import write_document, write_table

HELP = "Compare the expected times that jobs were told with what came true."
MORE = "The goal is that four of five come true inside the range that was told."
HEAD = ("LANE", "TOLD", "MEDIAN ERROR OF THE END", "ENDS INSIDE", "STARTS INSIDE")
USUAL = timedelta(days=7)


class LaneHonesty(Answer):
    """One lane's figures."""

    lane: str
    """Empty for all lanes together."""
    told: int
    """How many times were told to jobs that have ended."""
    median_error: float
    """The middle miss of the likely end, as a share of the true span."""
    inside: float
    """The share of ends inside the range that was told."""
    start_inside: float | None
    """The same of starts."""


class HonestyOut(Answer):
    """The figures of all lanes."""

    lanes: list[LaneHonesty]


def add_arguments(parser: CommandParser) -> None:
    """Take the time from which on."""
    parser.add_argument(
        "--since",
        type=moment_before,
        metavar="TIME",
        help="told then or later: ISO 8601, or how long ago; 7d if not said",
    )


def run(options: Options, out: OutputWrapper) -> Exit:
    """Write the figures, by lane and together."""
    figures = telling.honesty(since=options["since"] or timezone.now() - USUAL)
    if options["json"]:
        write_document(out, HonestyOut(lanes=[LaneHonesty(**asdict(one)) for one in figures]))
    elif figures:
        write_table(out, head=HEAD, rows=[_row(one) for one in figures])
    else:
        out.write("No job that was told its times has ended since then.")
    return Exit.DONE


def _row(one: telling.Honesty) -> list[str]:
    starts = "" if one.start_inside is None else _percent(one.start_inside)
    return [one.lane or "all", str(one.told), _percent(one.median_error), _percent(one.inside), starts]


def _percent(share: float) -> str:
    return f"{share:.0%}"


VERB = Verb(name="honesty", help=HELP, more=MORE, add_arguments=add_arguments, run=run)
