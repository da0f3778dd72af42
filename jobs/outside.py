"""What an outside service has to do with how a job gets on, in sentences for the person who asked.

And as SQL, for what reckons times: nobody knows when a service answers again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from jobs.amounts import length

SILENT_AFTER = timedelta(seconds=5)
"""A service that has not answered for this long is named: most calls take less than a second."""
HANGS_AFTER = timedelta(seconds=30)
"""Nobody expects a time then. A service that is merely slow has a pace, and that is learned."""

# Of parts at work: the service that hangs, if all of them wait for an answer.
HANGS_ON = f"CASE WHEN min(asks_seconds) >= {HANGS_AFTER.total_seconds():g} THEN max(asks) ELSE '' END"

# The parts of the job JOB that wait for a service that is not asked now, or try whether it works again.
ON_CLOSED_SERVICE = """jobs_part part JOIN jobs_breaker breaker ON breaker.name = part.waits_for
    WHERE part.job_id = JOB AND part.state IN ('delayed', 'waiting', 'working') AND part.waits_for <> ''
        AND breaker.state <> 'closed'"""

# Of a `job`: whether such a part is there, or all of its parts at work wait for an answer.
JOB_WAITS_OUTSIDE = """(
    EXISTS (SELECT 1 FROM ON_CLOSED_SERVICE)
    OR (SELECT HANGS_ON <> '' FROM jobs_part WHERE job_id = job.id AND state = 'working'))""".replace(
    "ON_CLOSED_SERVICE", ON_CLOSED_SERVICE.replace("JOB", "job.id")
).replace("HANGS_ON", HANGS_ON)


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A service that none of a job's parts at work has had an answer from."""

    called: str
    """Such as "the mail relay"."""
    span: timedelta
    """For how long at least."""
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


def hung(called: str, *, at_work: int, slots: int) -> str:
    """Return what all workers of a lane wait for, if they do: the service `called` so, which hangs."""
    return called if at_work >= slots else ""


def why_no_end(closed: Closed | None, silence: Silence | None) -> str:
    """Return why nobody knows when a job ends, as half a sentence; empty when no service is the cause."""
    if closed is not None:
        says = closed.says.rstrip(".")
        return says[:1].lower() + says[1:] if says[1:2].islower() or says[1:2] == " " else says
    return _("{service} does not answer").format(service=silence.called) if silence is not None else ""


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
