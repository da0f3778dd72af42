"""What stands between a job and its next part: who is ahead, who works, what holds it back."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from jobs import appraising, drawing, versions
from jobs.counting import Count
from jobs.drawing import Limit
from jobs.held import HAS_WORK, NOT_HELD, kinds_of_parts
from jobs.hindrances import Line, Reached
from jobs.holds import held
from jobs.lanes import Lane
from jobs.models import Bucket, Job, JobState
from jobs.models.people import PLATFORM
from jobs.outside import ON_CLOSED_SERVICE, SILENT_AFTER, SILENT_ON, TRIED_ANEW, Closed, Silence, hung
from jobs.postgres import prepared
from jobs.presence import PRESENT
from jobs.registry import kind_named
from jobs.settings import switchyard

# The other schools that the claim serves first, and the school's own jobs; and who is there to work.
LINE = """
SELECT
    (SELECT count(*) FROM jobs_share other
        WHERE other.lane = %(lane)s AND other.school_id <> %(school)s
            AND other.school_id NOT IN (SELECT id FROM jobs_school WHERE slug = %(platform)s)
            AND other.used_seconds < coalesce((
                SELECT used_seconds FROM jobs_share WHERE lane = %(lane)s AND school_id = %(school)s), 0)
            AND HAS_WORK) AS schools_ahead,
    (SELECT count(DISTINCT part.job_id) FROM jobs_part part JOIN jobs_job own ON own.id = %(job)s
        WHERE part.lane = %(lane)s AND part.school_id = %(school)s AND part.state = 'waiting'
            AND NOT_HELD AND (-part.priority, part.job_id) < (-own.priority, own.id)) AS jobs_ahead,
    (SELECT count(*) FROM jobs_part WHERE lane = %(lane)s AND state = 'working') AS parts_working,
    (SELECT coalesce(sum(slots), 0) FROM jobs_workerpresence
        WHERE lane = %(lane)s AND beat_at >= %(present)s) AS slots_present,
    (SELECT count(*) FROM jobs_part
        WHERE lane = %(lane)s AND state = 'working' AND school_id <> %(school)s) AS parts_of_others,
    (SELECT count(*) FROM jobs_part
        WHERE lane = %(lane)s AND state = 'working' AND service = %(asks)s AND service <> '')
        AS parts_at_service,
    (SELECT bucket.name FROM jobs_bucket bucket
        WHERE bucket.rate > 0
            AND KEEPS_BACK
            AND (bucket.lane = %(lane)s AND coalesce(bucket.school_id, %(school)s) = %(school)s
                OR bucket.service = %(service)s AND bucket.service <> '')
        ORDER BY bucket.tokens / bucket.rate LIMIT 1) AS limit_reached,
    (SELECT min(ready_at) FROM jobs_part WHERE job_id = %(job)s AND state = 'delayed') AS due_at,
    (SELECT error FROM jobs_part WHERE job_id = %(job)s AND state = 'delayed' AND is_put_off
        ORDER BY ready_at, id LIMIT 1) AS put_off,
    (SELECT error FROM jobs_part WHERE job_id = %(job)s AND state = 'delayed' AND NOT is_put_off
        ORDER BY ready_at, id LIMIT 1) AS failure,
    (SELECT count(*) FROM jobs_job_after follows JOIN jobs_job before ON before.id = follows.to_job_id
        WHERE follows.from_job_id = %(job)s AND before.ended_at IS NULL) AS follows,
    (SELECT hold.id FROM jobs_hold hold
        WHERE (hold.mode = 'pause' OR %(job)s > hold.newest_job) AND CASE hold.scope
            WHEN 'lane' THEN hold.name = %(lane)s
            WHEN 'school' THEN hold.school_id = %(school)s AND NOT %(is_vital)s
            ELSE hold.name = %(kind)s END
        ORDER BY hold.id LIMIT 1) AS held_by,
    (SELECT SILENT_ON FROM jobs_part WHERE lane = %(lane)s AND state = 'working') AS hangs_on,
    TRIED_ANEW AS is_tried_anew, closed.*, silent.*
FROM (SELECT 1) one
LEFT JOIN LATERAL (
    SELECT breaker.last_failure AS says, breaker.name AS service, breaker.opened_at AS since,
        CASE breaker.state WHEN 'open' THEN breaker.retry_at END AS retry_at
    FROM ON_CLOSED_SERVICE
    ORDER BY part.ready_at, part.id LIMIT 1
) closed ON true
LEFT JOIN LATERAL (
    SELECT max(asks) AS asks, min(asks_seconds) AS asks_seconds, max(units) AS units FROM jobs_part
    WHERE job_id = %(job)s AND state = 'working'
) silent ON true
""".replace("HAS_WORK", HAS_WORK.replace("SHARE", "other"))
LINE = LINE.replace("NOT_HELD", NOT_HELD).replace("KEEPS_BACK", drawing.KEEPS_BACK)
LINE = LINE.replace("ON_CLOSED_SERVICE", ON_CLOSED_SERVICE.replace("JOB", "%(job)s"))
LINE = LINE.replace("SILENT_ON", SILENT_ON).replace("TRIED_ANEW", TRIED_ANEW.replace("JOB", "%(job)s"))


def line_of(job: Job, *, counted: Count, now: datetime) -> Line:
    """Return what stands between `job` and its next part at `now`; nothing does once it has ended.

    A lane that a newer file of settings does not have any more keeps its jobs until it is back.
    """
    if job.has_ended:
        return Line()
    lane = switchyard().lanes.get(job.lane)
    if lane is None:
        return Line(gone_lane=job.lane)
    found = _found(job, lane=lane, now=now)
    working, slots = found["parts_working"], int(found["slots_present"])
    due_in = None if found["due_at"] is None else found["due_at"] - now
    rests = job.started_at is not None and not counted.parts_waiting
    limit = found["limit_reached"] if counted.parts_waiting else None
    put_off = found["put_off"] or ""
    return Line(
        schools_ahead=found["schools_ahead"],
        jobs_ahead=found["jobs_ahead"],
        parts_working=working,
        parts_of_others=found["parts_of_others"],
        school_workers=lane.school_workers,
        service_workers=lane.service_workers,
        parts_at_service=found["parts_at_service"],
        slots_present=slots,
        limit=_reached(limit, job=job, now=now) if limit else None,
        is_paused=job.state == JobState.PAUSED,
        hold=None if found["held_by"] is None else held(found["held_by"], now=now),
        has_started=job.started_at is not None,
        follows=0 if job.started_at else found["follows"],
        starts_in=None if job.started_at else due_in,
        retry_in=due_in if rests and not put_off else None,
        failure=found["failure"] or "" if rests else "",
        goes_on_in=due_in if rests and put_off else None,
        put_off=put_off if rests else "",
        closed=_closed(found, now=now),
        silence=_silence(job, found, now=now),
        is_tried_anew=found["is_tried_anew"],
        hang_on=hung(found["hangs_on"], at_work=working, slots=slots),
    )


def _found(job: Job, *, lane: Lane, now: datetime) -> dict[str, Any]:
    (found,) = prepared.read(LINE, _values(job, lane=lane, now=now))
    return found


def _closed(found: dict[str, Any], *, now: datetime) -> Closed | None:
    if found["says"] is None:
        return None
    retry_at = found["retry_at"]
    return Closed(
        says=found["says"],
        retry_in=None if retry_at is None else retry_at - now,
        retry_at=retry_at,
        service=found["service"].partition(":")[0],
        since=found["since"],
    )


def _silence(job: Job, found: dict[str, Any], *, now: datetime) -> Silence | None:
    """Return the service that all parts at work wait for, if it has been silent for long."""
    span, units = timedelta(seconds=found["asks_seconds"] or 0), found["units"] or 0
    if not found["asks"] or span < SILENT_AFTER:
        return None
    megabytes = job.megabytes * units / max(1, job.units_total)
    cost = appraising.costs_of([job.kind]).get(job.kind)
    usual = appraising.appraise(cost, units=units, megabytes=megabytes).seconds
    usual_span = None if usual is None else timedelta(seconds=usual)
    return Silence(called=found["asks"], span=span, since=now - span, usual=usual_span)


def _values(job: Job, *, lane: Lane, now: datetime) -> dict[str, str | int | datetime | list[str]]:
    return {
        "lane": job.lane,
        "school": job.school_id,
        "platform": PLATFORM,  # its canaries are nobody's work
        "job": job.pk,
        "now": now,
        "present": now - PRESENT,
        "kind": job.kind,
        "asks": kind_named(job.kind).service,
        "service": "" if lane.is_vital else kind_named(job.kind).service,
        "is_vital": lane.is_vital,
        "vital_lanes": [lane.name] if lane.is_vital else [],
        "kinds": kinds_of_parts(),
    }


def _reached(name: str, *, job: Job, now: datetime) -> Reached | None:
    """Return the limit in the words of a page; None when it was paid or taken away a moment ago."""
    bucket = Bucket.objects.select_related("school").filter(pk=name).first()
    limit = drawing.limit_of(bucket, switchyard()) if bucket else None
    if bucket is None or limit is None:
        return None
    origin = versions.origins().get(limit.path)
    return Reached(
        what=_whose(limit),
        rate=limit.rate,
        unit="bytes" if limit.counts_bytes else kind_named(job.kind).unit,
        opens_in=timedelta(seconds=max(0.0, bucket.opens_in(now=now))),
        set_by=origin.made_by if origin else "",
        set_ago=now - origin.made_at if origin else None,
        set_at=origin.made_at if origin else None,
        scope="service" if limit.service else "school" if limit.school else "lane",
        name=limit.service or (job.school.slug if limit.school else limit.lane),
        lane=limit.lane,
    )


def _whose(limit: Limit) -> str:
    if limit.service:
        return _("The {service}").format(service=limit.service)
    return (
        _("Your school in the lane {lane}").format(lane=limit.lane)
        if limit.school
        else _("The lane {lane}").format(lane=limit.lane)
    )
