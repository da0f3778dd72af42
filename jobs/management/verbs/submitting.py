"""`manage.py jobs submit`: asks for a job as a program of the school would."""

from typing import Any

from django.core.management.base import CommandParser, OutputWrapper
from django.db import transaction

from jobs import requesting
from jobs.api.inputs import LARGEST_PRIORITY, SMALLEST_PRIORITY
from jobs.asking import WrongArguments
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit
from jobs.management.verbs.inputs import (
    json_object,
    moment_after,
    person_named,
    require_of_school,
    school_named,
    whole_number,
)
from jobs.management.verbs.outputs import as_text, write_document
from jobs.management.verbs.reports import lines_of
from jobs.models import Job, Person, School
from jobs.registry import kind_named
from jobs.submission import submit

HELP = """\
Submit a job of a school. A kind that programs can ask for takes the arguments that GET /api/v1/kinds
describes and checks them; any other kind takes them as they are. The same school, kind and key again
bring the same job.
"""
MOST_TITLE_CHARACTERS = 200


def add_arguments(parser: CommandParser) -> None:
    """Take what a job is made of."""
    parser.add_argument("--school", required=True, metavar="SLUG", help="the school's short name")
    parser.add_argument("--kind", required=True, help="such as packets.build")
    parser.add_argument("--key", required=True, help="your own name for this job")
    parser.add_argument(
        "--arguments",
        type=json_object,
        default={},
        metavar="JSON",
        help="a JSON object; @FILE reads it from a file, - from standard input",
    )
    parser.add_argument("--title", default="", help="what pages call it")
    parser.add_argument("--priority", type=int, default=0, help="higher goes first within school and lane")
    parser.add_argument(
        "--not-before", type=moment_after, metavar="TIME", help="ISO 8601, or in how long, as in 2h"
    )
    parser.add_argument("--deadline", type=moment_after, metavar="TIME", help="as --not-before")
    parser.add_argument(
        "--after", type=whole_number, nargs="+", default=[], metavar="ID", help="jobs to follow"
    )
    parser.add_argument("--by", default="", metavar="EMAIL", help="the person in whose name it is done")


def run(options: Options, out: OutputWrapper) -> Exit:
    """Submit the job and write it."""
    school, by = school_named(options["school"]), person_named(options["by"])
    require_of_school(by, school=school)
    _check(options)
    job, is_new = _ask(options, school=school, by=by)
    if options["json"]:
        write_document(out, lines_of([job])[0])
    else:
        what = "was submitted" if is_new else "had this key already"
        out.write(f"Job {job.pk} “{as_text(job)}” {what}; it is {job.get_state_display().lower()}.")
    return Exit.DONE


def _ask(options: Options, *, school: School, by: Person | None) -> tuple[Job, bool]:
    named = {"title": options["title"]} if options["title"] else {}
    given: dict[str, Any] = {
        "kind": options["kind"],
        "school": school,
        "by": by,
        "key": options["key"],
        "arguments": options["arguments"],
        "priority": options["priority"],
        "not_before": options["not_before"],
        "deadline": options["deadline"],
        "after": options["after"],
        **named,
    }
    if kind_named(options["kind"]).api_arguments is not None:
        return requesting.request(**given)
    with transaction.atomic():
        is_new = not Job.objects.filter(school=school, kind=options["kind"], key=options["key"]).exists()
        return submit(**{**given, "after": requesting.jobs_to_follow(given["after"], school=school)}), is_new


def _check(options: Options) -> None:
    """Refuse what no column holds.

    Raises:
        WrongArguments: by option.
    """
    wrong = {}
    if not SMALLEST_PRIORITY <= options["priority"] <= LARGEST_PRIORITY:
        wrong["--priority"] = f"Give a whole number from {SMALLEST_PRIORITY} to {LARGEST_PRIORITY}."
    if not 1 <= len(options["key"]) <= requesting.MOST_KEY_CHARACTERS:
        wrong["--key"] = f"Give 1 to {requesting.MOST_KEY_CHARACTERS} characters."
    if len(options["title"]) > MOST_TITLE_CHARACTERS:
        wrong["--title"] = f"Give up to {MOST_TITLE_CHARACTERS} characters."
    if wrong:
        raise WrongArguments(wrong)
    requesting.check_deadline(options["deadline"])


VERB = Verb(name="submit", help=HELP, add_arguments=add_arguments, run=run)
