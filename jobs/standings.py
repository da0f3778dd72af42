"""Where one job stands: its units, its place in line, the reason, the expected times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from jobs import estimates, reasons
from jobs.holds import held
from jobs.lanes import Lane
from jobs.models import IDLE_STATES, Job, JobState, PartState
from jobs.queries import PRESENT
from jobs.registry import kind_named
from jobs.settings import switchyard

UNCOUNTED = (*IDLE_STATES, PartState.WORKING, PartState.STOPPED)
"""Parts whose units are not in the job's own figures: those are counted when a part is done or fails."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one job stands, in words and figures for its page."""

    units_done: int
    units_failed: int
    units_total: int
    unit: str
    schools_ahead: int
    """Other schools that the lane serves before this job's next part."""
    jobs_ahead: int
    """Older open jobs of the same school in the lane."""
    reason: str
    """Why it waits, or what happens now; a sentence."""
    is_held: bool
    """Whether it waits for a person or another job, so that nothing is expected of it."""
    is_scheduled: bool
    """Whether its time to start has not come."""
    expected_start_at: datetime | None
    """None when it has started or is held, or nothing was learned yet."""
    expected_end_at: datetime | None
    """None when it has ended or is held, or nothing was learned yet."""

    @property
    def percent(self) -> int:
        """Units ended, of 100."""
        ended = self.units_done + self.units_failed
        return min(100, 100 * ended // self.units_total) if self.units_total else 0


def standing_of(job: Job, *, now: datetime) -> Standing:
    """Return where `job` stands at `now`."""
    begun = job.parts.filter(state__in=UNCOUNTED).aggregate(
        working=Count("id", filter=Q(state=PartState.WORKING)),
        done=Coalesce(Sum("units_done"), 0),
        failed=Coalesce(Sum("units_failed"), 0),
    )
    lane = switchyard().lanes[job.lane]
    line = _line(job, now=now)
    expected = _expected(job, line=line, lane=lane, now=now)
    return Standing(
        units_done=job.units_done + begun["done"],
        units_failed=job.units_failed + begun["failed"],
        units_total=job.units_total,
        unit=kind_named(job.kind).unit,
        schools_ahead=line.schools_ahead,
        jobs_ahead=line.jobs_ahead,
        reason="" if job.has_ended else reasons.explain(lane=lane, line=line, parts_working=begun["working"]),
        is_held=line.is_held,
        is_scheduled=line.starts_in is not None,
        expected_start_at=None if begun["working"] else expected.start_at,
        expected_end_at=expected.end_at,
    )


def _expected(job: Job, *, line: reasons.Line, lane: Lane, now: datetime) -> estimates.Expected:
    """Estimate start and end of an open job that nobody holds, from its scheduled time on."""
    if job.has_ended or line.is_held:
        return estimates.UNKNOWN
    expected = estimates.expect(job, lane=lane, slots=line.slots_present, now=now)
    return expected.not_before(now + (line.starts_in or timedelta()))


# The school's own share, the other schools that the claim serves first, and who is there to work.
LINE = """
SELECT
    (SELECT count(*) FROM jobs_share other
        WHERE other.lane = %(lane)s AND other.school_id <> %(school)s
            AND other.used_seconds < coalesce((
                SELECT used_seconds FROM jobs_share WHERE lane = %(lane)s AND school_id = %(school)s), 0)
            AND EXISTS (
                SELECT 1 FROM jobs_part part
                WHERE part.lane = other.lane AND part.school_id = other.school_id
                    AND part.state = 'waiting')),
    (SELECT count(*) FROM jobs_job
        WHERE lane = %(lane)s AND school_id = %(school)s AND ended_at IS NULL AND id < %(job)s),
    (SELECT count(*) FROM jobs_part WHERE lane = %(lane)s AND state = 'working'),
    (SELECT coalesce(sum(slots), 0) FROM jobs_workerpresence
        WHERE lane = %(lane)s AND beat_at >= %(present)s),
    (SELECT tokens + %(rate)s * extract(epoch FROM %(now)s - filled_at) <= 0
        FROM jobs_bucket WHERE name = 'lane:' || %(lane)s),
    (SELECT min(ready_at) FROM jobs_part WHERE job_id = %(job)s AND state = 'delayed'),
    (SELECT count(*) FROM jobs_job_after follows JOIN jobs_job before ON before.id = follows.to_job_id
        WHERE follows.from_job_id = %(job)s AND before.ended_at IS NULL),
    (SELECT hold.id FROM jobs_hold hold
        WHERE (hold.mode = 'pause' OR %(job)s > hold.newest_job) AND CASE hold.scope
            WHEN 'lane' THEN hold.name = %(lane)s
            WHEN 'school' THEN hold.school_id = %(school)s AND NOT %(is_vital)s
            ELSE hold.name = %(kind)s END
        ORDER BY hold.id LIMIT 1)
"""


def _line(job: Job, *, now: datetime) -> reasons.Line:
    if job.has_ended:
        return reasons.Line()
    lane = switchyard().lanes[job.lane]
    values: dict[str, str | int | float | datetime] = {
        "lane": job.lane,
        "school": job.school_id,
        "job": job.pk,
        "now": now,
        "present": now - PRESENT,
        "rate": lane.rate or 0,
        "kind": job.kind,
        "is_vital": lane.is_vital,
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
        follows=follows,
        starts_in=None if job.started_at else due_in,
        retry_in=due_in if job.started_at else None,
    )
