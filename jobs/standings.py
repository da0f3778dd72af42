"""Where one job stands: its units, its place in line, the reason, the expected times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from jobs import counting, expecting, reasons
from jobs.counting import Count
from jobs.held import NOT_HELD
from jobs.holds import held
from jobs.models import Job, JobState
from jobs.moments import UNKNOWN, Expected, Times
from jobs.presence import PRESENT
from jobs.reasons import AtWork
from jobs.registry import kind_named
from jobs.settings import switchyard
from jobs.units import Units

FINISHING = "finishing"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one job stands, in words and figures for its page."""

    units: Units
    unit: str
    phase: str
    """The state, or `finishing` while parts of an ended job are at work."""
    schools_ahead: int
    """Other schools that the lane serves before this job's next part."""
    jobs_ahead: int
    """Jobs of the same school whose parts are served before this job's."""
    reason: str
    """Why it waits, what happens now, or how it was stopped; a sentence or two."""
    is_held: bool
    """Whether it waits for a person or another job, so that nothing is expected of it."""
    is_scheduled: bool
    """Whether its time to start has not come."""
    is_at_rest: bool
    """Whether it has ended and nothing of it is at work, so that nothing here changes by itself."""
    expected_start: Times | None
    """None when it has started or is held, or nothing was learned yet."""
    expected_end: Times | None
    """None when it has ended or is held, or nothing was learned yet."""

    @property
    def troubles(self) -> int:
        """Units that came to no good end: when there are more, there is more to tell."""
        return self.units.failed + self.units.uncertain


def standing_of(job: Job, *, now: datetime) -> Standing:
    """Return where `job` stands at `now`, and bring it up to date, so that its state fits the rest."""
    counted = counting.count([job], exactly=True)[job.pk]
    line = _line(job, counted=counted, now=now)
    expected = _expected(job, line=line, now=now)
    is_finishing = job.has_ended and not counted.is_at_rest
    return Standing(
        units=counted.units,
        unit=kind_named(job.kind).unit,
        phase=FINISHING if is_finishing else job.state,
        schools_ahead=line.schools_ahead,
        jobs_ahead=line.jobs_ahead,
        reason=_reason(job, counted=counted, line=line, now=now),
        is_held=line.is_held,
        is_scheduled=line.starts_in is not None,
        is_at_rest=counted.is_at_rest,
        expected_start=expected.start,
        expected_end=expected.end,
    )


def _reason(job: Job, *, counted: Count, line: reasons.Line, now: datetime) -> str:
    kind = kind_named(job.kind)
    at_work = AtWork(parts=counted.parts_working, units=counted.units_at_work, unit=kind.unit)
    if not job.has_ended:
        return reasons.explain(lane=switchyard().lanes[job.lane], line=line, at_work=at_work)
    # Once its lease has ended, the next sweep takes the part from whoever works on it.
    held_until = (counted.held_until or now) + timedelta(seconds=switchyard().supervision.sweep_seconds)
    return reasons.explain_end(
        stop=_stop(job), units=counted.units, left=kind.left, at_work=at_work, ends_in=held_until - now
    )


def _stop(job: Job) -> str:
    """Return who stopped the job and why, as a sentence; empty when nobody did."""
    if job.state != JobState.STOPPED:
        return ""
    event = job.events.filter(what=JobState.STOPPED).select_related("by").last()
    by = f" by {event.by.name}" if event and event.by else ""
    why = f": “{event.why}”" if event and event.why else ""
    return f"It was stopped{by}{why}."


def _expected(job: Job, *, line: reasons.Line, now: datetime) -> Expected:
    """Return what is expected of an open job that nobody holds, from its scheduled time on."""
    if job.has_ended or line.is_held:
        return UNKNOWN
    expected = expecting.expect([job], now=now, slots={job.lane: line.slots_present})[job.pk]
    return expected.not_before(now + (line.starts_in or timedelta()))


# The other schools that the claim serves first, and the school's own jobs; and who is there to work.
LINE = """
SELECT
    (SELECT count(*) FROM jobs_share other
        WHERE other.lane = %(lane)s AND other.school_id <> %(school)s
            AND other.used_seconds < coalesce((
                SELECT used_seconds FROM jobs_share WHERE lane = %(lane)s AND school_id = %(school)s), 0)
            AND EXISTS (
                SELECT 1 FROM jobs_part part
                WHERE part.lane = other.lane AND part.school_id = other.school_id
                    AND part.state = 'waiting' AND NOT_HELD)),
    (SELECT count(DISTINCT part.job_id) FROM jobs_part part JOIN jobs_job own ON own.id = %(job)s
        WHERE part.lane = %(lane)s AND part.school_id = %(school)s AND part.state = 'waiting'
            AND NOT_HELD AND part.job_id <> own.id AND (-part.priority, part.id) < (-own.priority, (
                SELECT min(id) FROM jobs_part WHERE job_id = own.id AND state = 'waiting'))),
    (SELECT count(*) FROM jobs_part WHERE lane = %(lane)s AND state = 'working'),
    (SELECT coalesce(sum(slots), 0) FROM jobs_workerpresence
        WHERE lane = %(lane)s AND beat_at >= %(present)s),
    (SELECT tokens + rate * extract(epoch FROM %(now)s - filled_at) < 0
        FROM jobs_bucket WHERE name = 'lane:' || %(lane)s || ':units'),
    (SELECT min(ready_at) FROM jobs_part WHERE job_id = %(job)s AND state = 'delayed'),
    (SELECT count(*) FROM jobs_job_after follows JOIN jobs_job before ON before.id = follows.to_job_id
        WHERE follows.from_job_id = %(job)s AND before.ended_at IS NULL),
    (SELECT hold.id FROM jobs_hold hold
        WHERE (hold.mode = 'pause' OR %(job)s > hold.newest_job) AND CASE hold.scope
            WHEN 'lane' THEN hold.name = %(lane)s
            WHEN 'school' THEN hold.school_id = %(school)s AND NOT %(is_vital)s
            ELSE hold.name = %(kind)s END
        ORDER BY hold.id LIMIT 1)
""".replace("NOT_HELD", NOT_HELD)


def _line(job: Job, *, counted: Count, now: datetime) -> reasons.Line:
    if job.has_ended:
        return reasons.Line()
    lane = switchyard().lanes[job.lane]
    values: dict[str, str | int | float | datetime | list[str]] = {
        "lane": job.lane,
        "school": job.school_id,
        "job": job.pk,
        "now": now,
        "present": now - PRESENT,
        "kind": job.kind,
        "is_vital": lane.is_vital,
        "vital_lanes": [lane.name] if lane.is_vital else [],
    }
    with connection.cursor() as cursor:
        cursor.execute(LINE, values)
        schools_ahead, jobs_ahead, parts_working, slots, is_limited, due_at, follows, held_by = (
            cursor.fetchone()
        )
    due_in = None if due_at is None else due_at - now
    return reasons.Line(
        schools_ahead=schools_ahead,
        jobs_ahead=jobs_ahead,
        parts_working=parts_working,
        slots_present=int(slots),
        is_limited=bool(is_limited),
        is_paused=job.state == JobState.PAUSED,
        hold=None if held_by is None else held(held_by, now=now),
        has_started=job.started_at is not None,
        follows=follows,
        starts_in=None if job.started_at else due_in,
        retry_in=due_in if job.started_at and not counted.parts_waiting else None,
    )
