"""What an outside service has to do with how a job gets on, in sentences for the person who asked.

And as SQL, for what reckons times: nobody knows when a service answers again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jobs.amounts import length

SILENT_AFTER = timedelta(seconds=5)
"""A service that has not answered for this long is named: most calls take less than a second."""
UNTOLD_AFTER = timedelta(seconds=15)
"""Nobody is told a time then: it would move on with each look."""
HANGS_AFTER = timedelta(seconds=30)
"""More workers are of no use then. A service that is merely slow has a pace, and that is learned."""

# Of parts at work: the service that none of them has had an answer from for AFTER.
NO_ANSWER_FROM = "CASE WHEN min(asks_seconds) >= AFTER THEN max(asks) ELSE '' END"
HANGS_ON = NO_ANSWER_FROM.replace("AFTER", f"{HANGS_AFTER.total_seconds():g}")
SILENT_ON = NO_ANSWER_FROM.replace("AFTER", f"{UNTOLD_AFTER.total_seconds():g}")

# The parts of the job JOB that wait for a service that is not asked now, or try whether it works again.
ON_CLOSED_SERVICE = """jobs_part part JOIN jobs_breaker breaker ON breaker.name = part.waits_for
    WHERE part.job_id = JOB AND part.state IN ('delayed', 'waiting', 'working') AND part.waits_for <> ''
        AND breaker.state <> 'closed'"""
_OF_JOB = ON_CLOSED_SERVICE.replace("JOB", "job.id")

# Of a `job`: whether such a part is there, or all of its parts at work have waited long for an answer.
JOB_WAITS_OUTSIDE = """(
    EXISTS (SELECT 1 FROM OF_JOB)
    OR (SELECT HANGS_ON <> '' FROM jobs_part WHERE job_id = job.id AND state = 'working'))"""
JOB_WAITS_OUTSIDE = JOB_WAITS_OUTSIDE.replace("OF_JOB", _OF_JOB).replace("HANGS_ON", HANGS_ON)

# Of a `job` whose work goes to an outside service: whether nothing comes through of all parts at work, which
# were tried in vain before or, with nothing done at all, moved to the slow lane: for a pace of silence.
TRIED_ANEW = """(
    SELECT coalesce(bool_and(part.service <> '' AND part.units_done + part.units_failed = 0
        AND (part.attempt > 1 OR detour.job_id IS NOT NULL AND own.units_done + own.units_failed = 0)), false)
    FROM jobs_part part JOIN jobs_job own ON own.id = part.job_id
    LEFT JOIN jobs_detour detour ON detour.job_id = part.job_id AND detour.is_aside
    WHERE part.job_id = JOB AND part.state = 'working')"""

# Of a `job`: whether it waits so that no time is told of it. Where nothing came through yet, or a part of it
# has failed and waits for its next attempt, a short silence of those at work is enough.
JOB_IS_UNTOLD = """(
    EXISTS (SELECT 1 FROM OF_JOB) OR TRIED_ANEW
    OR (SELECT coalesce(max(asks), '') <> '' AND min(asks_seconds) >= CASE
            WHEN job.units_done + job.units_failed + sum(units_done + units_failed) = 0 OR EXISTS (
            SELECT 1 FROM jobs_part failed WHERE failed.job_id = job.id AND failed.state = 'delayed'
                AND failed.attempt > 0 AND NOT failed.is_put_off)
            THEN SILENT_AFTER ELSE UNTOLD_AFTER END
        FROM jobs_part WHERE job_id = job.id AND state = 'working'))""".replace("OF_JOB", _OF_JOB)
JOB_IS_UNTOLD = JOB_IS_UNTOLD.replace("TRIED_ANEW", TRIED_ANEW.replace("JOB", "job.id"))
JOB_IS_UNTOLD = JOB_IS_UNTOLD.replace("SILENT_AFTER", f"{SILENT_AFTER.total_seconds():g}")
JOB_IS_UNTOLD = JOB_IS_UNTOLD.replace("UNTOLD_AFTER", f"{UNTOLD_AFTER.total_seconds():g}")


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A service that none of a job's parts at work has had an answer from."""

    called: str
    """Such as "the mail relay"."""
    span: timedelta
    """For how long at least."""
    since: datetime
    usual: timedelta | None = None
    """What a whole part usually takes; None where that is not known."""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A service that fails and is not asked now: its breaker is open."""

    says: str
    """How it failed the last time; a sentence."""
    retry_in: timedelta | None
    """Time until it is tried again; None while it is being tried."""
    retry_at: datetime | None
    service: str
    """What it is, without its address: `relay`."""
    since: datetime | None = None
    """When its breaker opened."""


def hung(called: str, *, at_work: int, slots: int) -> str:
    """Return what all workers of a lane wait for, if they do: the service `called` so, which hangs."""
    return called if at_work >= slots else ""


def why_no_end(closed: Closed | None, silence: Silence | None) -> str:
    """Return why nobody knows when a job ends, as half a sentence; empty when no service is the cause."""
    if closed is not None:
        return _what_is_closed(closed)
    if silence is None:
        return ""
    return _("{service} has not answered since {since}").format(
        service=silence.called, since=_clock(silence.since)
    )


def _what_is_closed(closed: Closed) -> str:
    says = closed.says.rstrip(".")
    says = says[:1].lower() + says[1:] if says[1:2].islower() or says[1:2] == " " else says
    if closed.since is not None:
        says = _("{says}, since {since}").format(says=says, since=_clock(closed.since))
    if closed.retry_in is None:
        return _("{says}; it is being tried again now").format(says=says)
    if closed.retry_in <= timedelta() or closed.retry_at is None:
        return _("{says}; it is tried again at any moment").format(says=says)
    return _("{says}; it is tried again at {moment}").format(says=says, moment=_clock(closed.retry_at))


def _clock(moment: datetime) -> str:
    """Return a moment by its time of day; one of another day is named with it."""
    local = timezone.localtime(moment)
    return date_format(local, "H:i" if local.date() == timezone.localdate() else "j M, H:i")


def told_of_silence(silence: Silence) -> str:
    """Return for what a job waits whose parts are at work."""
    waits = _("It waits for {service}, which has not answered for {length}.").format(
        service=silence.called, length=length(silence.span)
    )
    if not silence.usual:
        return waits
    usual = _("Usually a whole part takes {length}.").format(length=length(silence.usual))
    return f"{waits} {usual}"


def told_of_closed(closed: Closed) -> str:
    """Return for what a job waits whose parts are not tried now."""
    if closed.retry_in is None:
        again = _("It is being tried again now; the job goes on by itself once it works.")
    elif closed.retry_in <= timedelta():
        again = _("It is tried again at any moment; the job goes on by itself once it works.")
    else:
        again = _("It is tried again in {length}; the job goes on by itself once it works.").format(
            length=length(closed.retry_in)
        )
    return f"{closed.says} {again}"
