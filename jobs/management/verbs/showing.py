"""`manage.py jobs show`: all of one job, now or once it has ended."""

import time
from collections.abc import Sequence

from django.core.management.base import CommandParser, OutputWrapper

from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit, exit_of
from jobs.management.verbs.inputs import job_numbered, whole_number
from jobs.management.verbs.outputs import as_line, write_document, write_table
from jobs.management.verbs.reports import JobReport, report_of
from jobs.models import Job

HELP = "Show one job with its parts, its attempts and its history."
LOOK_SECONDS = 0.5
LISTED = 50
LINES = (
    *("kind", "school", "state", "reason", "error", "lane", "priority", "key"),
    *("submitted_by", "program", "after"),
    *("created_at", "not_before_at", "started_at", "ended_at", "deadline_at"),
    *("expected_start_at", "expected_end_at"),
)
PART = ("id", "step", "state", "units", "units_done", "units_failed", "attempt", "deaths", "worker", "error")
ATTEMPT = ("part_id", "number", "outcome", "claimed_at", "ended_at", "worker", "error")
EVENT = ("at", "what", "by", "program", "why")


def seconds(text: str) -> float:
    """Return a span in seconds, from 0 on."""
    span = float(text)
    if not 0 <= span < float("inf"):
        raise ValueError(text)
    return span


def add_arguments(parser: CommandParser) -> None:
    """Take the job, and how long to wait for its end."""
    parser.add_argument("id", type=whole_number, metavar="ID", help="the job, by the id that `list` shows")
    parser.add_argument(
        "--wait",
        type=seconds,
        metavar="SECONDS",
        help="wait for its end, this long at most; the exit code tells how it ended",
    )
    parser.add_argument(
        "--most",
        type=whole_number,
        default=LISTED,
        metavar="NUMBER",
        help=f"list this many parts and attempts at most; {LISTED} if not said",
    )


def run(options: Options, out: OutputWrapper) -> Exit:
    """Show the job."""
    job = job_numbered(options["id"])
    if options["wait"] is not None:
        job = wait_for_end(job, limit_seconds=options["wait"])
    report = report_of(job, most=options["most"])
    if options["json"]:
        write_document(out, report)
    else:
        _write(out, report)
    return Exit.DONE if options["wait"] is None else exit_of(job)


def wait_for_end(job: Job, *, limit_seconds: float) -> Job:
    """Return `job` as soon as it has ended, or as it is when `limit_seconds` have passed."""
    deadline = time.monotonic() + limit_seconds
    while not job.has_ended and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(LOOK_SECONDS, left))
        job = job_numbered(job.pk)
    return job


def _write(out: OutputWrapper, report: JobReport) -> None:
    out.write(f"Job {report.id}: {as_line(report.title)}")
    units = report.units
    left_out = f", {units.skipped} left out" if units.skipped else ""
    out.write(
        f"{units.done} of {units.total - units.skipped} {units.unit} done, {units.failed} failed, "
        f"{units.uncertain} uncertain{left_out}"
    )
    for name in LINES:
        out.write(f"  {name.replace('_', ' '):18}{_told(getattr(report, name))}")
    for problem in report.problems:
        out.write(f"  {'problem':18}{as_line(problem)}")
    counted = ", ".join(f"{count} {state}" for state, count in report.parts.items())
    out.write(f"\nParts: {counted}")
    _write_rows(out, head=PART, rows=report.parts_listed)
    if report.attempts:
        out.write("\nAttempts that did not get a part done, newest first")
        _write_rows(out, head=ATTEMPT, rows=report.attempts)
    out.write("\nHistory")
    _write_rows(out, head=EVENT, rows=report.events)


def _told(value: object) -> str:
    return as_line(", ".join(map(str, value)) if isinstance(value, list) else value)


def _write_rows(out: OutputWrapper, *, head: tuple[str, ...], rows: Sequence[object]) -> None:
    titles = [name.replace("_", " ").upper() for name in head]
    write_table(
        out, head=titles, rows=[[getattr(row, name) for name in head] for row in rows], whole_last=True
    )


VERB = Verb(name="show", help=HELP, waits=True, add_arguments=add_arguments, run=run)
