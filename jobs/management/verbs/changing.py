"""`manage.py jobs stop|retry|pause|resume`: changes jobs, each on its own."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from django.core.management.base import CommandParser, OutputWrapper

from jobs import lifecycle
from jobs.api.answer import Answer
from jobs.api.schemas import JobOut
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import NO_WAY_ON, EndsWith, Exit, errors_as_sentences
from jobs.management.verbs.inputs import job_numbered, person_named, require_of_school, whole_number
from jobs.management.verbs.outputs import as_text, write_document
from jobs.management.verbs.reports import lines_of
from jobs.models import Person
from jobs.registry import kind_named

HELP = {
    "stop": "Stop jobs: what is done stays done, nothing more is begun.",
    "retry": "Do again what failed or was stopped within jobs.",
    "pause": "Hold jobs back; parts at work are finished.",
    "resume": "Let paused jobs go on where they were.",
}
MORE = {
    "stop": "Jobs that follow one fail with it.",
    "retry": (
        "What is done stays, but for kinds that start over: the answer says which it was. Jobs that failed "
        "because of one wait for it again; a job that follows one that did not end well is refused. A "
        "deadline that is ahead holds on, one that has passed is dropped."
    ),
}
EACH = "Each job is tried, whatever became of the others; the exit code is the highest among theirs."
UNTRIED = "It was not tried, because of what came before."


CHANGES: dict[str, Callable[..., lifecycle.Effects]] = {
    "stop": lifecycle.stop,
    "retry": lifecycle.retry,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
}


class ResultOut(Answer):
    """What became of one job."""

    id: int
    changed: bool
    exit_code: int
    """As the command would end with this job alone."""
    detail: str
    """Why it was not changed; else empty."""
    effects: list[str]
    """What the change did to jobs that follow it and to its deadline, as sentences."""
    job: JobOut | None
    """As it is now; null when there is none, or the database does not answer."""


class ResultsOut(Answer):
    """What became of each job, in the order in which they were named."""

    results: list[ResultOut]
    exit_code: int
    """The highest of the results."""


def add_arguments(parser: CommandParser) -> None:
    """Take the jobs, and who changes them and why."""
    parser.add_argument(
        "ids", type=whole_number, nargs="+", metavar="ID", help="the jobs, by the ids that `list` shows"
    )
    parser.add_argument("--why", default="", metavar="TEXT", help="kept in the jobs' history")
    parser.add_argument("--by", default="", metavar="EMAIL", help="the person in whose name it is done")


def add_arguments_of_retry(parser: CommandParser) -> None:
    """Take besides whether what may have been done is done again."""
    add_arguments(parser)
    parser.add_argument(
        "--uncertain",
        action="store_true",
        help="do again also what may have been done before: it may be done twice",
    )


def run(name: str, options: Options, out: OutputWrapper) -> Exit:
    """Change each job that can be changed.

    Raises:
        EndsWith: for people, what was not changed, and why.
    """
    by = person_named(options["by"])
    also = {"uncertain": True} if options.get("uncertain") else {}
    change = partial(CHANGES[name], by=by, why=options["why"], **also)
    results = []
    for result in _changed(list(dict.fromkeys(options["ids"])), change=change, by=by):
        results.append(result)
        if result.job and result.changed and not options["json"]:
            told = f"Job {result.id} “{as_text(result.job.title)}” is {result.job.state.label.lower()}."
            effect = kind_named(result.job.kind).retry_effect if name == "retry" else ""
            out.write(" ".join(filter(None, [told, effect, *result.effects])))
    code = Exit(max(result.exit_code for result in results))
    if options["json"]:
        write_document(out, ResultsOut(results=results, exit_code=code))
    elif code != Exit.DONE:
        raise EndsWith(code, _told(results))
    return code


def _changed(
    ids: Sequence[int], *, change: partial[lifecycle.Effects], by: Person | None
) -> Iterator[ResultOut]:
    """Try each job; once the database or the person breaks it off, say of the rest that it was not tried."""
    for place, pk in enumerate(ids):
        result = _changed_one(pk, change=change, by=by)
        yield result
        if result.exit_code in NO_WAY_ON:
            for left in ids[place + 1 :]:
                yield ResultOut(
                    id=left, changed=False, exit_code=result.exit_code, detail=UNTRIED, effects=[], job=None
                )
            return


def _changed_one(pk: int, *, change: partial[lifecycle.Effects], by: Person | None) -> ResultOut:
    job, code, detail = None, Exit.DONE, ""
    effects: lifecycle.Effects = ()
    try:
        with errors_as_sentences():
            job = job_numbered(pk)
            require_of_school(by, school=job.school)
            effects = change(job)
    except EndsWith as error:
        code, detail = error.code, str(error)
    now = lines_of([job_numbered(pk)])[0] if job and code not in NO_WAY_ON else None
    done = code == Exit.DONE
    return ResultOut(id=pk, changed=done, exit_code=code, detail=detail, effects=list(effects), job=now)


def _told(results: Sequence[ResultOut]) -> str:
    """Return a line for each job that was not changed."""
    return "\n".join(
        f"Job {result.id} was not changed: {result.detail}" for result in results if not result.changed
    )


VERBS = [
    Verb(
        name=name,
        help=HELP[name],
        more=f"{MORE.get(name, '')} {EACH}".lstrip(),
        add_arguments=add_arguments_of_retry if name == "retry" else add_arguments,
        run=partial(run, name),
    )
    for name in CHANGES
]
