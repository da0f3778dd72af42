"""A school's share of a lane: how much it has used, against which the claim is fair."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from jobs.held import HAS_WAITING, HAS_WORK, kinds_of_parts
from jobs.models import Part
from jobs.settings import switchyard
from jobs.vital import vital_lanes

# The virtual time of start-time fair queueing (Goyal, Vin and Cheng, 1996): whoever comes back starts level
# with those who have work waiting there, else with where the parts at work began; in an idle lane with
# whoever used the most, so that nobody pays later for what they used when nobody else wanted it. Schools
# that are held do not count; in a lane that is held itself time stands still.
# A share that stays as it is must not be locked: the caller's transaction may be long, and claims would wait
# for it. ON CONFLICT DO UPDATE locks its row even where its WHERE refuses.
JOIN = (
    """
WITH busy AS (
    SELECT used_seconds FROM jobs_share share
    WHERE lane = %(lane)s AND school_id <> %(school)s AND CASE
        WHEN EXISTS (SELECT 1 FROM jobs_hold WHERE scope = 'lane' AND name = share.lane) THEN HAS_WAITING
        ELSE HAS_WORK END
), at_work AS (
    SELECT share.used_seconds - %(charge)s / school.weight AS began_at
    FROM jobs_share share JOIN jobs_school school ON school.id = share.school_id
    WHERE share.lane = %(lane)s AND share.school_id <> %(school)s AND EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.lane = share.lane AND part.school_id = share.school_id AND part.state = 'working')
), level AS MATERIALIZED (
    SELECT coalesce(
        (SELECT min(used_seconds) FROM busy),
        (SELECT min(began_at) FROM at_work),
        (SELECT max(used_seconds) FROM jobs_share WHERE lane = %(lane)s),
        0
    ) AS used_seconds
), levelled AS (
    UPDATE jobs_share share SET used_seconds = level.used_seconds
    FROM level
    WHERE share.lane = %(lane)s AND share.school_id = %(school)s AND share.used_seconds < level.used_seconds
        AND NOT EXISTS (
            SELECT 1 FROM jobs_part part
            WHERE part.lane = share.lane AND part.school_id = share.school_id AND part.state = 'waiting')
)
INSERT INTO jobs_share (lane, school_id, used_seconds)
SELECT %(lane)s, %(school)s, level.used_seconds FROM level
WHERE NOT EXISTS (SELECT 1 FROM jobs_share WHERE lane = %(lane)s AND school_id = %(school)s)
ON CONFLICT (lane, school_id) DO NOTHING
""".replace("HAS_WAITING", HAS_WAITING)
    .replace("HAS_WORK", HAS_WORK)
    .replace("SHARE", "share")
)


def join(*, lane: str, school_id: int) -> None:
    """Give the school its share of the lane, level with the least-used school that has work there, if any.

    Without that, a school that was away would hold the lane until it had used as much as the others.
    Call it before the school's part waits, with the job's row locked if any is to be.
    """
    settings = switchyard()
    values: dict[str, Any] = {
        "lane": lane,
        "school": school_id,
        "charge": settings.lanes[lane].part_seconds,
        "vital_lanes": vital_lanes(settings),
        "kinds": kinds_of_parts(),
    }
    with connection.cursor() as cursor:
        cursor.execute(JOIN, values)


def join_with(parts: QuerySet[Part]) -> None:
    """Let the schools of `parts` join, each in the lanes of its parts; call it before the parts wait."""
    known = parts.filter(lane__in=list(switchyard().lanes)).order_by("lane", "school")
    for lane, school_id in known.values_list("lane", "school_id").distinct():
        join(lane=lane, school_id=school_id)


# Those who waited for a hold start level with those who had work meanwhile, as those who were away do.
LEVEL = """
WITH held AS MATERIALIZED (
    SELECT share.id, share.lane FROM jobs_share share
    WHERE NOT EXISTS (SELECT 1 FROM jobs_hold hold WHERE hold.scope = 'lane' AND hold.name = share.lane)
        AND EXISTS (
            SELECT 1 FROM jobs_part part JOIN jobs_job job ON job.id = part.job_id
            WHERE part.lane = share.lane AND part.school_id = share.school_id AND part.state = 'waiting'
                AND (part.school_id = %(school)s OR job.kind = %(kind)s))
        AND NOT HAS_WORK
), level AS (
    SELECT share.lane, coalesce(
        min(share.used_seconds) FILTER (WHERE HAS_WORK),
        max(share.used_seconds)
    ) AS used_seconds
    FROM jobs_share share WHERE share.lane IN (SELECT lane FROM held) GROUP BY share.lane
)
UPDATE jobs_share share SET used_seconds = level.used_seconds
FROM held, level
WHERE share.id = held.id AND level.lane = held.lane AND share.used_seconds < level.used_seconds
""".replace("HAS_WORK", HAS_WORK).replace("SHARE", "share")


def level_held(*, school_id: int | None, kind: str) -> None:
    """Bring the school, or the schools with jobs of `kind`, level with the others where all is held.

    Call it before the hold is lifted. Else a school that was held would have each lane until it had used
    as much as the others.
    """
    values: dict[str, Any] = {
        "school": school_id,
        "kind": kind,
        "vital_lanes": vital_lanes(switchyard()),
        "kinds": kinds_of_parts(),
    }
    with connection.cursor() as cursor:
        cursor.execute(LEVEL, values)
