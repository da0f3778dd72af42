"""`manage.py jobs stop|retry|pause|resume`: changes jobs, one after the other."""

from functools import partial
from typing import Protocol

from django.core.management.base import CommandParser, OutputWrapper

from jobs import lifecycle
from jobs.api.schemas import JobOut, JobsOut
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit
from jobs.management.verbs.inputs import job_numbered, person_named, require_of_school, whole_number
from jobs.management.verbs.outputs import as_text, write_document
from jobs.models import Job, Person

HELP = {
    "stop": "Stop jobs: what is done stays done, nothing more is begun.",
    "retry": "Do again what failed or was stopped of jobs; finished parts stay as they are.",
    "pause": "Hold jobs back; parts at work are finished.",
    "resume": "Let paused jobs go on where they were.",
}


class Change(Protocol):
    """One of the changes in `jobs.lifecycle`."""

    def __call__(self, job: Job, *, by: Person | None, why: str = "") -> None:
        """Change `job`, or raise `CannotChange`."""


CHANGES: dict[str, Change] = {
    "stop": lifecycle.stop,
    "retry": lifecycle.retry,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
}


def add_arguments(parser: CommandParser) -> None:
    """Take the jobs, and who changes them and why."""
    parser.add_argument("ids", type=whole_number, nargs="+", metavar="ID")
    parser.add_argument("--why", default="", help="kept in the job's history")
    parser.add_argument("--by", default="", metavar="EMAIL", help="the person in whose name it is done")


def run(name: str, options: Options, out: OutputWrapper) -> Exit:
    """Change the jobs in order; the first that cannot be changed ends the command."""
    by = person_named(options["by"])
    jobs = [job_numbered(pk) for pk in options["ids"]]
    for job in jobs:
        require_of_school(by, school=job.school)
        CHANGES[name](job, by=by, why=options["why"])
        if not options["json"]:
            out.write(f"Job {job.pk} “{as_text(job)}” is {job.get_state_display().lower()}.")
    if options["json"]:
        changed = [JobOut.of(job_numbered(job.pk)) for job in jobs]
        write_document(out, JobsOut(jobs=changed, next=None))
    return Exit.DONE


VERBS = [
    Verb(name=name, help=HELP[name], add_arguments=add_arguments, run=partial(run, name)) for name in CHANGES
]
