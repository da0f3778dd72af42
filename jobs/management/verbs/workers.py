"""`manage.py workers list|scale|auto`: how many workers each lane is to have."""

from django.core.management.base import CommandParser, OutputWrapper
from django.utils import timezone

from jobs import rights, staffing
from jobs.amounts import count, length
from jobs.api.staff import StaffOut, StaffsOut, described
from jobs.asking import WrongArguments
from jobs.lanes import Lane
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit
from jobs.management.verbs.inputs import lane_named, moment_after, person_named, whole_number
from jobs.management.verbs.outputs import write_document, write_table
from jobs.models import Person
from jobs.rights import Right
from jobs.settings import switchyard

NO_OPERATOR = "is not of the operations team, which alone sets how many workers lanes have."
EACH_HOST = "each host that serves the lane has one at least"
HEAD = ("LANE", "WANTED", "PRESENT", "LEAST", "MOST", "SET BY", "SINCE", "UNTIL", "WHY")


def _list(options: Options, out: OutputWrapper) -> Exit:
    lanes = described(switchyard().lanes.values())
    if options["json"]:
        write_document(out, StaffsOut(lanes=lanes))
    else:
        write_table(out, head=HEAD, rows=[_row(each) for each in lanes], whole_last=True)
    return Exit.DONE


def _row(told: StaffOut) -> list[object]:
    return [
        *(told.lane, told.wanted, told.present, told.least, told.most),
        *(told.set_by, told.since, told.until, " ".join(filter(None, [told.why, told.why_not_more]))),
    ]


def _take_lane(parser: CommandParser) -> None:
    parser.add_argument("lane", metavar="LANE", help="name of the lane")
    parser.add_argument("--by", default="", metavar="EMAIL", help="the person in whose name it is done")


def _take_number(parser: CommandParser) -> None:
    _take_lane(parser)
    parser.add_argument(
        "workers", type=whole_number, metavar="N", help=f"parts at once, over all hosts; {EACH_HOST}"
    )
    parser.add_argument("--why", required=True, help="the reason, for whoever looks after the lanes next")
    parser.add_argument(
        "--until",
        type=moment_after,
        metavar="TIME",
        help=(
            "when the platform, or the settings, decide again: ISO 8601, or in how long, as in 2h; "
            f"else in {length(staffing.USUAL_SPAN)}"
        ),
    )


def _operator_named(email: str) -> Person | None:
    """Return the person with this address, who may set numbers on the page too; None for no address.

    Raises:
        NothingHere: nobody has it.
        WrongArguments: they may not.
    """
    person = person_named(email)
    if person is not None and not rights.has(person.role, Right.OPERATE):
        raise WrongArguments({"--by": f"{person.email} {NO_OPERATOR}"})
    return person


def _scale(options: Options, out: OutputWrapper) -> Exit:
    lane, by, now = lane_named(options["lane"]), _operator_named(options["by"]), timezone.now()
    if not options["why"].strip():
        raise WrongArguments({"--why": "Say why."})
    try:
        staffing.scale(
            lane,
            workers=options["workers"],
            by=by,
            why=options["why"].strip(),
            until=options["until"],
            now=now,
        )
    except staffing.WrongEnd as error:
        raise WrongArguments({"--until": str(error)}) from error
    except staffing.CannotScale as error:
        raise WrongArguments({"N": str(error)}) from error
    return _tell(lane, options, out)


def _auto(options: Options, out: OutputWrapper) -> Exit:
    lane, by = lane_named(options["lane"]), _operator_named(options["by"])
    staffing.take_back(lane.name, by=by, now=timezone.now())
    return _tell(lane, options, out)


def _tell(lane: Lane, options: Options, out: OutputWrapper) -> Exit:
    [told] = described([lane])
    if options["json"]:
        write_document(out, told)
    else:
        until = f" until {told.until:%Y-%m-%dT%H:%M:%SZ}" if told.until else ""
        wanted = count(told.wanted, "worker")
        out.write(f"The lane {lane.name} is to have {wanted}{until}; {told.present:,} present.")
    return Exit.DONE


VERBS = [
    Verb(
        name="list",
        help="List the lanes with the workers that they are to have and have.",
        add_arguments=lambda _: None,
        run=_list,
    ),
    Verb(
        name="scale",
        help="Let a lane have so many workers until a time, whatever the platform reckons.",
        add_arguments=_take_number,
        run=_scale,
    ),
    Verb(
        name="auto",
        help="Take a number that was set by hand back: the platform, or the settings, decide again.",
        add_arguments=_take_lane,
        run=_auto,
    ),
]
