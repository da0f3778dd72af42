"""Where one job stands: its units, its place in line, the reason, the expected times."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from jobs import counting, expecting, lines, reasons
from jobs.counting import Count
from jobs.hindrances import AtWork, Line
from jobs.models import Job, JobState, PartState, Step
from jobs.moments import UNKNOWN, Expected, Times
from jobs.registry import UnknownKind, kind_named
from jobs.settings import switchyard
from jobs.units import Units

FINISHING = "finishing"
SOON = timedelta(minutes=1)
QUICK_SECONDS, CALM_SECONDS = 1, 5
"""After so long the page of a job asks again: at work or about to begin, or with nothing to begin soon."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one job stands, in words and figures for its page."""

    units: Units
    unit: str
    phase: str
    """The state, or `finishing` while parts of an ended job are at work."""
    reason: str
    """Why it waits, what happens now, how it was stopped, or what it lacks; a sentence or two."""
    line: Line
    """What stands between it and its next part, from which the reason is told."""
    is_held: bool
    """Whether it waits for a person or another job, so that nothing is expected of it."""
    is_scheduled: bool
    """Whether its time to start has not come."""
    is_at_rest: bool
    """Whether it has ended and nothing of it is at work, so that nothing here changes by itself."""
    is_unfinished: bool
    """Whether its finish failed, so that it has no result though its units may all be done."""
    expected_start: Times | None
    """None when it has started or is held, or cannot be told."""
    expected_end: Times | None
    """None when it has ended or is held, or cannot be told."""
    end_is_unknown: str
    """Why no end can be told of an open job that nobody holds; half a sentence."""
    is_calm: bool
    """Whether nothing of it is at work, or begins soon as far as can be told."""

    @property
    def refresh_seconds(self) -> int:
        """After how many seconds its page asks again."""
        return CALM_SECONDS if self.is_calm else QUICK_SECONDS

    @property
    def troubles(self) -> int:
        """Units that came to no good end: when there are more, there is more to tell."""
        return self.units.failed + self.units.uncertain


def standing_of(job: Job, *, now: datetime) -> Standing:
    """Return where `job` stands at `now`, and bring it up to date, so that its state fits the rest."""
    counted = counting.count([job], exactly=True)[job.pk]
    line = lines.line_of(job, counted=counted, now=now)
    expected = _expected(job, line=line, now=now)
    is_finishing = job.has_ended and not counted.is_at_rest
    is_unfinished = _is_unfinished(job)
    return Standing(
        units=counted.units,
        unit=kind_named(job.kind).unit,
        phase=FINISHING if is_finishing else job.state,
        line=line,
        reason=_no_result(job) if is_unfinished else _reason(job, counted=counted, line=line, now=now),
        is_held=line.is_held,
        is_scheduled=line.starts_in is not None,
        is_at_rest=counted.is_at_rest,
        is_unfinished=is_unfinished,
        expected_start=None if counted.parts_working or job.started_at else expected.start,
        expected_end=expected.end,
        end_is_unknown=reasons.explain_unknown_end(line=line, units=counted.units),
        is_calm=not counted.parts_working and _begins_later(line, expected, now=now),
    )


def _begins_later(line: Line, expected: Expected, *, now: datetime) -> bool:
    """Whether nothing of an open job begins soon that nobody works on."""
    if line.is_held or (line.starts_in is not None and line.starts_in > SOON):
        return True
    return not line.has_started and expected.start is not None and expected.start.earliest - now > SOON


def attach_standings(jobs: Sequence[Job], *, now: datetime) -> None:
    """Give each of `jobs` its units, what is expected of it, and the reason, for a short list.

    The reason costs a query or two for each open job.
    """
    counts = counting.count(jobs)
    expecting.attach_expected(jobs, now=now)
    for job in jobs:
        job.units, job.reason, job.end_is_unknown = Units(), "", ""
        if (counted := counts.get(job.pk)) is not None:  # else it was deleted a moment ago
            job.units = counted.units
            with suppress(UnknownKind):  # its app is gone; the job's row stays
                _attach_reason(job, counted=counted, now=now)


def _attach_reason(job: Job, *, counted: Count, now: datetime) -> None:
    line = lines.line_of(job, counted=counted, now=now)
    job.reason = _reason(job, counted=counted, line=line, now=now)
    if not (job.has_ended or line.is_held or line.starts_in is not None):
        job.end_is_unknown = reasons.explain_unknown_end(line=line, units=counted.units)


def _reason(job: Job, *, counted: Count, line: Line, now: datetime) -> str:
    kind = kind_named(job.kind)
    # A kind that counts itself is ahead of what its parts have reported.
    units_at_work = min(counted.units_at_work, counted.units.left)
    at_work = AtWork(
        parts=counted.parts_working,
        units=units_at_work,
        unit=kind.unit,
        is_plan=counted.parts_working == counted.planning,
        is_finish=counted.finishing > 0,
    )
    if line.gone_lane:
        return reasons.explain_gone_lane(line.gone_lane)
    if not job.has_ended:
        return reasons.explain(lane=switchyard().lanes[job.lane], line=line, at_work=at_work)
    # Once its lease has ended, the next sweep takes the part from whoever works on it.
    held_until = (counted.held_until or now) + timedelta(seconds=switchyard().supervision.sweep_seconds)
    return reasons.explain_end(
        stop=_stop(job), units=counted.units, left=str(kind.left), at_work=at_work, ends_in=held_until - now
    )


def _is_unfinished(job: Job) -> bool:
    failed = job.parts.filter(step=Step.FINISH, state=PartState.FAILED)
    return job.state == JobState.FAILED and failed.exists()


def _no_result(job: Job) -> str:
    kind = kind_named(job.kind)
    retry_label = "" if kind.is_beyond_retry(job) else str(kind.retry_label)
    return reasons.explain_no_result(
        missing=str(kind.no_result), retry_label=retry_label, starts_over=kind.starts_over
    )


def _stop(job: Job) -> str:
    """Return who stopped the job and why, as a sentence; empty when nobody did."""
    if job.state != JobState.STOPPED:
        return ""
    event = job.events.filter(what=JobState.STOPPED).select_related("by").last()
    who, why = (event.who, event.why) if event else ("", "")
    if who and why:
        return _("It was stopped by {who}: “{why}”.").format(who=who, why=why)
    if who:
        return _("It was stopped by {who}.").format(who=who)
    return _("It was stopped: “{why}”.").format(why=why) if why else _("It was stopped.")


def _expected(job: Job, *, line: Line, now: datetime) -> Expected:
    """Return what is expected of an open job that nobody holds, from its scheduled time on."""
    if job.has_ended or line.is_held:
        return UNKNOWN
    expected = expecting.expect([job], now=now, slots={job.lane: line.slots_present})[job.pk]
    return expected.not_before(now + (line.starts_in or timedelta())).later(line.goes_on_in or timedelta())
