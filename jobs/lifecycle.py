"""A job's own transitions, from started to ended: each is guarded and written down."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import counting, followers, notifying, publishing, reopening, reviving, shares, webhooks
from jobs.amounts import units_named
from jobs.models import (
    GOOD_ENDS,
    IDLE_STATES,
    OPEN_STATES,
    Job,
    JobEvent,
    JobState,
    PartState,
    Person,
)
from jobs.registry import kind_named

log = structlog.get_logger()

Effects = tuple[str, ...]
"""What a change did beside what was asked, to the job's deadline and to jobs that follow it, as sentences."""


# One statement is one commit: a lane of tiny jobs starts a job with each claim.
START = """
WITH begun AS (
    UPDATE jobs_job SET
        state = CASE state WHEN 'waiting' THEN 'working' ELSE state END, started_at = %(now)s
    WHERE id = ANY(%(jobs)s) AND started_at IS NULL
    RETURNING id
)
INSERT INTO jobs_jobevent (job_id, at, what, why) SELECT id, %(now)s, 'started', '' FROM begun
"""


class CannotChange(Exception):
    """The job is in a state in which this cannot be done."""


class OnlyUncertain(CannotChange):
    """A retry would find units only that may have been done before, and nobody said that it may do those."""


class RetryOtherFirst(CannotChange):
    """The job follows another one that did not end well."""


def note(
    job: Job, what: str, *, by: Person | None = None, program: str = "", why: str = "", now: datetime
) -> None:
    """Write down what happened to `job`; `program` is the name of the token by which a program did it."""
    JobEvent.objects.create(job=job, at=now, what=what, by=by, program=program, why=why)


def start(jobs: Sequence[Job], *, now: datetime) -> None:
    """Note the start of those of `jobs` that have not started; their first claim calls this.

    One that was paused or stopped since that claim has started all the same.
    """
    fresh = [job for job in jobs if job.started_at is None]
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute(START, {"jobs": [job.pk for job in fresh], "now": now})
    for job in fresh:
        job.started_at = now
        job.state = JobState.WORKING if job.state == JobState.WAITING else job.state


def end(
    job: Job, *, state: JobState, error: str = "", by: Person | None = None, program: str = "", why: str = ""
) -> bool:
    """End an open job in `state` and let its followers go on; return whether this call did it."""
    now = timezone.now()
    with transaction.atomic():
        if not job.move(to=state, only_from=OPEN_STATES, ended_at=now, error=error):
            return False
        note(job, str(state), by=by, program=program, why=why or error, now=now)
        _drop_idle_parts(job, now=now)
        _tell_followers(job)
        notifying.note_end(job, by=by)
        webhooks.tell_end(job)
    log.info("job_ended", job=job.pk, kind=job.kind, lane=job.lane, state=str(state))
    return True


def stop(job: Job, *, by: Person | None, program: str = "", why: str = "") -> Effects:
    """Stop `job`: no part of it is begun any more, and parts at work end between two units.

    Raises:
        CannotChange: it has ended already.
    """
    with transaction.atomic():
        behind = followers.that_would_end_with(job)
        if not end(job, state=JobState.STOPPED, by=by, program=program, why=why):
            raise _cannot(job, _("“{job}” cannot be stopped: its state is “{state}”."))
        ended = Job.objects.filter(pk__in=behind, state=JobState.FAILED).count()
    return _ended_with_it(ended)


def pause(job: Job, *, by: Person | None, program: str = "", why: str = "") -> Effects:
    """Hold back the parts that nobody works on yet; those at work are finished.

    Raises:
        CannotChange: it has ended or is paused already.
    """
    with transaction.atomic():
        if not job.move(to=JobState.PAUSED, only_from=[JobState.WAITING, JobState.WORKING]):
            raise _cannot(job, _("“{job}” cannot be paused: its state is “{state}”."))
        job.parts.filter(state__in=(PartState.WAITING, PartState.DELAYED)).update(state=PartState.HELD)
        note(job, "paused", by=by, program=program, why=why, now=timezone.now())
    return ()


def resume(job: Job, *, by: Person | None, program: str = "", why: str = "") -> Effects:
    """Let a paused job go on where it was.

    Raises:
        CannotChange: it is not paused.
    """
    now = timezone.now()
    back = JobState.WORKING if job.started_at else JobState.WAITING
    with transaction.atomic():
        if not job.move(to=back, only_from=[JobState.PAUSED]):
            raise _cannot(job, _("“{job}” cannot be resumed: its state is “{state}”."))
        note(job, "resumed", by=by, program=program, why=why, now=now)
        _let_go(job, now=now)
    return ()


def retry(
    job: Job, *, by: Person | None, program: str = "", why: str = "", uncertain: bool = False
) -> Effects:
    """Do again what failed or was stopped; what is done stays, but for a kind that starts over.

    With `uncertain` also units of which nobody knows whether they were done: they may be done twice. A
    deadline that has passed holds no more. Jobs that failed only because of this one wait for it again.

    Raises:
        CannotChange: it has not ended, or there is nothing to do again.
        RetryOtherFirst: it has not started, and a job that it follows did not end well.
        OnlyUncertain: there are uncertain units only.
        Refused: units of its kind are never uncertain.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.has_ended and reviving.is_beyond_retry(locked):
            message = _("“{job}” cannot be retried: it would end the same way again.").format(job=job)
            raise CannotChange(message)
        _require_ended_well_before(locked)
        if uncertain and locked.has_ended:
            kind_named(locked.kind).allow_uncertain(locked, by=by, program=program)
        if not reviving.can_be_retried(locked):
            raise _cannot_retry(locked)
        failed_with_it = reopening.lock_followers(locked)
        dropped = reopening.open_again(locked, by=by, program=program, why=why, now=now)
        if not reviving.offer_again(locked, now=now):
            message = _("“{job}” cannot be retried: nothing of it is left to do.").format(job=job)
            raise CannotChange(message)
        count = reopening.bring_back(failed_with_it, job=locked, by=by, program=program, now=now)
    job.refresh_from_db()
    return (*([dropped] if dropped else []), *_wait_again(count))


def _ended_with_it(count: int) -> Effects:
    words = ngettext(
        "{:,} job that follows it ended with it; a retry of it brings it back.",
        "{:,} jobs that follow it ended with it; a retry of it brings them back.",
        count,
    )
    return (words.format(count),) if count else ()


def _wait_again(count: int) -> Effects:
    words = ngettext(
        "{:,} job that failed because of it waits for it again.",
        "{:,} jobs that failed because of it wait for it again.",
        count,
    )
    return (words.format(count),) if count else ()


def _require_ended_well_before(job: Job) -> None:
    if job.has_ended and (other := followers.ended_badly_before(job)):
        message = _(
            "“{job}” cannot be retried: it follows “{other}” (job {number}), which ended as: {state}. "
            "Retry that one first."
        ).format(job=job, other=other, number=other.pk, state=other.get_state_display())
        raise RetryOtherFirst(message)


def _let_go(job: Job, *, now: datetime) -> None:
    """Let the parts that were held back wait in line, or for their time."""
    if job.state == JobState.PAUSED or job.must_wait:
        return
    held = job.parts.filter(state=PartState.HELD)
    held.filter(ready_at__gt=now).update(state=PartState.DELAYED)
    shares.join_with(held)
    count = held.update(state=PartState.WAITING)
    publishing.ring_on_commit(lane=job.lane, kind=job.kind, parts=count)


def _drop_idle_parts(job: Job, *, now: datetime) -> None:
    dropped = job.parts.filter(state__in=IDLE_STATES).update(state=PartState.STOPPED, ended_at=now)
    Job.objects.filter(pk=job.pk).update(parts_open=F("parts_open") - dropped)


def _tell_followers(job: Job) -> None:
    # Their rows are locked first: of two jobs that end at once, the second sees the first one's end.
    for follower in job.followers.select_for_update().order_by("pk"):
        if follower.has_ended:
            continue
        if job.state in GOOD_ENDS:
            _let_go(follower, now=timezone.now())
        elif follower.started_at is None:
            reason = followers.ENDED_WITH.format(job=job, state=job.get_state_display())
            end(follower, state=JobState.FAILED, error=reason)


def _cannot_retry(job: Job) -> CannotChange:
    units = counting.count([job], exactly=True)[job.pk].units
    if not job.has_ended or not units.uncertain:
        return _cannot(job, _("“{job}” cannot be retried: its state is “{state}”."))
    message = _(
        "“{job}” cannot be retried as it is: nothing failed or was stopped, and {number:,} of its {units} "
        "are uncertain. They are done again, and may then be done twice, only if you say so."
    )
    return OnlyUncertain(
        message.format(job=job, number=units.uncertain, units=units_named(kind_named(job.kind).unit))
    )


def _cannot(job: Job, message: str) -> CannotChange:
    job.refresh_from_db(fields=["state"])
    return CannotChange(message.format(job=job, state=job.get_state_display()))
