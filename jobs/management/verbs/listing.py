"""`manage.py jobs list`: finds jobs of all schools or one."""

from django.core.management.base import CommandParser, OutputWrapper

from jobs import finding
from jobs.api.schemas import JobOut, JobsOut
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit
from jobs.management.verbs.inputs import moment_before, person_named, school_named, whole_number
from jobs.management.verbs.outputs import write_document, write_table
from jobs.management.verbs.reports import lines_of
from jobs.models import Job, JobState
from jobs.registry import kind_named

HELP = "List jobs, newest first."
HEAD = ("ID", "STATE", "KIND", "SCHOOL", "DONE", "FAILED", "UNCERTAIN", "OF", "ASKED FOR", "TITLE", "ERROR")
JOBS_A_PAGE = 50
STATES = f"only in this state: {', '.join(JobState.values)}"


def add_arguments(parser: CommandParser) -> None:
    """Take what narrows the list."""
    parser.add_argument("--school", default="", metavar="SLUG", help="only of this school")
    parser.add_argument("--kind", default="", help="only of this kind")
    parser.add_argument("--state", default="", choices=JobState.values, metavar="STATE", help=STATES)
    parser.add_argument(
        "--since",
        type=moment_before,
        metavar="TIME",
        help="asked for then or later: ISO 8601, or how long ago, as in 2h",
    )
    parser.add_argument(
        "--text", default="", metavar="TEXT", help="words in the title, the error or the error of a part"
    )
    parser.add_argument("--by", default="", metavar="EMAIL", help="only what this person asked for")
    parser.add_argument(
        "--limit",
        type=whole_number,
        default=JOBS_A_PAGE,
        metavar="NUMBER",
        help=f"this many at most; {JOBS_A_PAGE} if not said",
    )
    parser.add_argument("--before", type=whole_number, metavar="ID", help="only smaller ids: the next page")


def run(options: Options, out: OutputWrapper) -> Exit:
    """Find the jobs and write them."""
    found = _find(options)
    listed = lines_of(found.jobs)
    following = None if found.before is None else str(found.before)
    if options["json"]:
        write_document(out, JobsOut(jobs=listed, next=following))
        return Exit.DONE
    if listed:
        write_table(out, head=HEAD, rows=[_row(job) for job in listed])
    else:
        out.write("No job fits.")
    if following:
        out.write(f"There are more: add --before {following}.")
    return Exit.DONE


def _find(options: Options) -> finding.Found:
    if options["kind"]:
        kind_named(options["kind"])
    by = person_named(options["by"])
    jobs = Job.objects.all()
    if options["school"]:
        jobs = jobs.filter(school=school_named(options["school"]))
    wanted = finding.Wanted(
        kind=options["kind"],
        state=options["state"] or "",
        text=options["text"],
        person=by.email if by else "",
        since=options["since"],
        before=options["before"],
    )
    return finding.find(jobs, wanted=wanted, limit=options["limit"])


def _row(job: JobOut) -> list[object]:
    units = job.units
    figures = [units.done, units.failed, units.uncertain, units.total]
    return [job.id, job.state, job.kind, job.school, *figures, job.created_at, job.title, job.error]


VERB = Verb(name="list", help=HELP, add_arguments=add_arguments, run=run)
