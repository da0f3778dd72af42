"""`manage.py jobs submit`: asks for a job as a program of the school would."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser, OutputWrapper
from django.db import transaction
from django.utils import timezone

from jobs import keys, requesting, timing
from jobs.api.inputs import LARGEST_PRIORITY, SMALLEST_PRIORITY
from jobs.asking import WrongArguments
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit
from jobs.management.verbs.inputs import (
    json_object,
    moment_or_span,
    person_named,
    require_of_school,
    school_named,
    whole_number,
)
from jobs.management.verbs.outputs import as_text, write_document
from jobs.management.verbs.reports import submission_of
from jobs.models import Job, Person, School
from jobs.registry import kind_named
from jobs.submission import submit

HELP = "Submit a job of a school."
MORE = (
    "A kind that programs can ask for takes the arguments that GET /api/v1/kinds describes; any other kind "
    'takes those that its workers read, such as {"upload": 7}. Others are refused. The same school, kind and '
    "key again bring the same job, if all else is the same too; a time given as a span counts from the first "
    "time."
)
MOST_TITLE_CHARACTERS = 200
A_COMMANDS_START = timedelta(seconds=30)
"""The longest from when a command counts a span until its job is written."""


def add_arguments(parser: CommandParser) -> None:
    """Take what a job is made of."""
    parser.add_argument("--school", required=True, metavar="SLUG", help="the school's short name")
    parser.add_argument("--kind", required=True, help="the type of job, such as packets.build")
    parser.add_argument(
        "--key",
        required=True,
        help=f"your own name for this job, 1 to {keys.MOST_COMMAND_CHARACTERS} characters",
    )
    parser.add_argument(
        "--arguments",
        type=json_object,
        default={},
        metavar="JSON",
        help="a JSON object; @FILE reads it from a file, - from standard input; {} if not said",
    )
    parser.add_argument("--title", default="", metavar="TEXT", help="what pages call it")
    _take_order(parser)
    parser.add_argument("--by", default="", metavar="EMAIL", help="the person in whose name it is done")


def _take_order(parser: CommandParser) -> None:
    """Take what decides when it is done."""
    parser.add_argument(
        "--priority",
        type=int,
        default=0,
        metavar="NUMBER",
        help="higher goes first within the school and the lane; 0 if not said, below 0 for later",
    )
    parser.add_argument(
        "--not-before",
        type=moment_or_span,
        metavar="TIME",
        help=f"when it may start: ISO 8601, or in how long, as in 2h; within {timing.FARTHEST_YEARS} years",
    )
    parser.add_argument(
        "--deadline", type=moment_or_span, metavar="TIME", help="when what is left of it fails; written alike"
    )
    parser.add_argument(
        "--after",
        type=whole_number,
        nargs="+",
        default=[],
        metavar="ID",
        help="jobs that must have ended well before this one starts; it fails with them, and waits "
        "again when they are retried",
    )


def run(options: Options, out: OutputWrapper) -> Exit:
    """Submit the job and write it."""
    school, by = school_named(options["school"]), person_named(options["by"])
    require_of_school(by, school=school)
    _check(options)
    job, is_new = _ask(options, school=school, by=by)
    if options["json"]:
        write_document(out, submission_of(job))
    else:
        what = "was submitted" if is_new else "had this key already"
        out.write(f"Job {job.pk} “{as_text(job)}” {what}; it is {job.get_state_display().lower()}.")
    return Exit.DONE


def _ask(options: Options, *, school: School, by: Person | None) -> tuple[Job, bool]:
    named = {"title": options["title"]} if options["title"].strip() else {}
    before = Job.objects.filter(school=school, kind=options["kind"], key=options["key"]).first()
    given: dict[str, Any] = {
        "kind": options["kind"],
        "school": school,
        "by": by,
        "key": options["key"],
        "arguments": options["arguments"],
        "priority": options["priority"],
        "not_before": _moment(options["not_before"], before=before, column="not_before_at"),
        "deadline": _moment(options["deadline"], before=before, column="deadline_at"),
        "after": options["after"],
        **named,
    }
    if kind_named(options["kind"]).api_arguments is not None:
        return requesting.request(**given)
    if before is None:
        timing.check(not_before=given["not_before"], deadline=given["deadline"])
    after = requesting.jobs_to_follow(given.pop("after"), school=school)
    with transaction.atomic():
        job = submit(**given, after=after)
        requesting.require_same(job, after=after, **named)
    return job, job.is_new


def _moment(given: datetime | timedelta | None, *, before: Job | None, column: str) -> datetime | None:
    """Return the moment that is meant; a span counts from when the job `before`, if any, was asked for.

    So a command that a script runs once more asks for the same.
    """
    if not isinstance(given, timedelta):
        return given
    kept: datetime | None = getattr(before, column, None)
    if before and kept and abs(kept - before.created_at - given) <= A_COMMANDS_START:
        return kept
    return timezone.now() + given


def _check(options: Options) -> None:
    """Refuse what no column holds.

    Raises:
        WrongArguments: by option.
    """
    wrong = {}
    if not SMALLEST_PRIORITY <= options["priority"] <= LARGEST_PRIORITY:
        wrong["--priority"] = f"Give a whole number from {SMALLEST_PRIORITY} to {LARGEST_PRIORITY}."
    if flaw := keys.length_flaw(options["key"], most=keys.MOST_COMMAND_CHARACTERS):
        wrong["--key"] = flaw
    if len(options["title"]) > MOST_TITLE_CHARACTERS:
        wrong["--title"] = f"Give up to {MOST_TITLE_CHARACTERS} characters."
    if wrong:
        raise WrongArguments(wrong)


VERB = Verb(name="submit", help=HELP, more=MORE, add_arguments=add_arguments, run=run)
