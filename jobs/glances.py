"""Whether what keeps a job where it stands has changed since a page told of it: one small statement."""

from datetime import datetime, timedelta

from jobs.counting import UNCOUNTED
from jobs.models import Person
from jobs.postgres import prepared
from jobs.presence import PRESENT

SOON = timedelta(minutes=2)
"""A time that comes sooner is told by the second."""

# What changes at a moment: of the job, its parts, holds, breakers and workers. A span that is told by the
# second, until a next attempt or for how long a service outside is silent, changes with each look.
GLANCE = """
SELECT job.state, job.lane, job.error, job.started_at, job.ended_at, job.not_before_at, job.deadline_at,
    job.units_total, job.units_done, job.units_failed, detour.is_aside, detour.is_pinned, parts.*,
    (SELECT (count(*), max(id), max(at))::text FROM jobs_hold) AS holds,
    (SELECT count(*) FROM jobs_breaker WHERE state <> 'closed') AS breakers,
    (SELECT sum(slots) FROM jobs_workerpresence WHERE lane = job.lane AND beat_at >= %(present)s) AS slots
FROM jobs_job job
LEFT JOIN jobs_detour detour ON detour.job_id = job.id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
        count(*) FILTER (WHERE state = 'working') AS working,
        count(*) FILTER (WHERE state = 'delayed') AS delayed,
        sum(units_done) AS done, sum(units_failed) AS failed,
        CASE WHEN bool_or(asks <> '' OR waits_for <> '' OR state = 'delayed' AND ready_at < %(soon)s)
            THEN %(now)s::timestamptz END AS told_at
    FROM jobs_part WHERE job_id = job.id AND state = ANY(%(uncounted)s)
) parts
WHERE job.id = %(job)s AND (job.school_id = %(school)s OR %(sees_all)s)
"""


def glance(job_id: int, *, person: Person, now: datetime) -> str:
    """Return a text that changes when the job does, or what keeps it back; empty if `person` may not see it.

    What flows, such as a place in line and expected times, is not in it: tell these anew every few seconds.
    """
    values = {
        "job": job_id,
        "school": person.school_id,
        "sees_all": person.school_id is None and person.sees_operations,
        "uncounted": list(UNCOUNTED),
        "now": now,
        "soon": now + SOON,
        "present": now - PRESENT,
    }
    found = prepared.read(GLANCE, values)
    return repr(found) if found else ""
