"""Which part a claim takes, as SQL: the fairest school's oldest, whatever waits before it that may not go on.

Holds keep back whole kinds, closed services what asks them. So while there are any, parts are looked for by
kind and service, in the order of the index part_of_kind_to_claim, and what is kept back is not read,
however much it is.
Honest limits: where a lane, school or kind is drained, the newer jobs' parts are read past. Claims for two
schools at the same moment may exceed the cap of parts that go to one service.
"""

from collections.abc import Mapping
from typing import Any

from jobs import drawing
from jobs.held import HAS_WAITING, NOT_HELD, kinds_of_parts
from jobs.lanes import Lane
from jobs.registry import services

KEPT_BACK = """
WITH closed AS MATERIALIZED (
    SELECT bucket.school_id, bucket.service FROM jobs_bucket bucket
    WHERE (bucket.lane = %(lane)s OR (bucket.service <> '' AND bucket.service = ANY(%(services)s::text[])))
        AND IN_DEBT
    UNION ALL
    SELECT NULL, busy.service FROM jobs_part busy
    WHERE busy.lane = %(lane)s AND busy.state = 'working' AND busy.service <> ''
        AND %(service_workers)s IS NOT NULL
    GROUP BY busy.service HAVING count(*) >= %(service_workers)s
), open_kind AS MATERIALIZED (
    SELECT known.name, known.service
    FROM unnest(%(kinds)s::text[], %(services_of_kinds)s::text[]) AS known(name, service)
    WHERE (known.service = '' OR NOT EXISTS (SELECT 1 FROM closed WHERE closed.service = known.service))
        AND NOT EXISTS (
            SELECT 1 FROM jobs_hold hold
            WHERE hold.scope = 'kind' AND hold.mode = 'pause' AND hold.name = known.name)
), is_choosy AS MATERIALIZED (
    SELECT EXISTS (SELECT 1 FROM closed WHERE closed.service <> '')
        OR EXISTS (SELECT 1 FROM jobs_hold hold WHERE hold.scope = 'kind') AS yes
), drained AS MATERIALIZED (
    SELECT hold.scope, hold.name, hold.school_id, hold.newest_job FROM jobs_hold hold
    WHERE hold.mode = 'drain' AND NOT (hold.scope = 'school' AND %(lane)s = ANY(%(vital_lanes)s::text[]))
), barred AS MATERIALIZED (
    SELECT closed.school_id FROM closed WHERE closed.service = '' AND closed.school_id IS NOT NULL
    UNION ALL
    SELECT hold.school_id FROM jobs_hold hold
    WHERE hold.scope = 'school' AND hold.mode = 'pause' AND NOT %(lane)s = ANY(%(vital_lanes)s::text[])
    UNION ALL
    SELECT busy.school_id FROM jobs_part busy
    WHERE busy.lane = %(lane)s AND busy.state = 'working' AND %(school_workers)s IS NOT NULL
    GROUP BY busy.school_id HAVING count(*) >= %(school_workers)s
)""".replace("IN_DEBT", drawing.IN_DEBT)

# The waiting parts of the school SCHOOL in their order, MOST of them: where no whole kind is kept back, and
# where some are. Order and limit see to it that they are read from an index, and only as far as needed.
WAITING = """part.lane = %(lane)s AND part.school_id = SCHOOL AND part.state = 'waiting'
    AND part.job_id <= coalesce((
        SELECT min(drained.newest_job) FROM drained
        WHERE drained.scope = 'lane' AND drained.name = %(lane)s OR drained.school_id = SCHOOL
    ), part.job_id)"""
OF_ALL = """
SELECT part.id, part.priority, part.job_id FROM jobs_part part
WHERE NOT (SELECT yes FROM is_choosy) AND WAITING
ORDER BY part.priority DESC, part.job_id, part.id LIMIT MOST""".replace("WAITING", WAITING)
OF_KIND = """
SELECT part.id, part.priority, part.job_id FROM jobs_part part
WHERE (SELECT yes FROM is_choosy) AND WAITING
    AND part.kind = open_kind.name AND part.service = open_kind.service
    AND part.job_id <= coalesce((
        SELECT drained.newest_job FROM drained
        WHERE drained.scope = 'kind' AND drained.name = open_kind.name), part.job_id)
    AND (part.kind <> '' OR NOT_HELD)
ORDER BY part.priority DESC, part.job_id, part.id LIMIT MOST""".replace("WAITING", WAITING).replace(
    "NOT_HELD", NOT_HELD
)


def _with_parts(statement: str, *, school: str, most: str) -> str:
    """Return `statement` with `most` parts of `school` in the places of OF_ALL and OF_KIND."""
    for name, parts in (("OF_ALL", OF_ALL), ("OF_KIND", OF_KIND)):
        statement = statement.replace(name, parts.replace("SCHOOL", school).replace("MOST", most))
    return statement


# The shares whose school may take a part. Schools are barred before their parts, however many, are read.
SHARES = _with_parts(
    """
FROM jobs_share share
WHERE share.lane = %(lane)s
    AND NOT EXISTS (SELECT 1 FROM closed WHERE closed.service = '' AND closed.school_id IS NULL)
    AND NOT EXISTS (
        SELECT 1 FROM jobs_hold hold
        WHERE hold.scope = 'lane' AND hold.mode = 'pause' AND hold.name = %(lane)s)
    AND NOT share.school_id = ANY (ARRAY(SELECT barred.school_id FROM barred))
    AND CASE WHEN NOT HAS_WAITING THEN false
        WHEN (SELECT yes FROM is_choosy)
        THEN EXISTS (SELECT 1 FROM open_kind WHERE (SELECT id FROM (OF_KIND) part) IS NOT NULL)
        ELSE (SELECT id FROM (OF_ALL) part) IS NOT NULL END
""".replace("HAS_WAITING", HAS_WAITING.replace("SHARE", "share")),
    school="share.school_id",
    most="1",
)

# Fair by cost: of the schools with claimable parts that no limit and no cap holds back, the one that has
# used the least of the lane; of its parts, the oldest of the highest priority. Rows that others hold are
# skipped, so that workers do not wait for each other. A limit that is in debt is closed, and whoever it
# does not concern goes on.
SKIPPING = _with_parts(
    """KEPT_BACK, chosen_share AS MATERIALIZED (
    SELECT share.id, share.school_id SHARES
    ORDER BY share.used_seconds, share.id LIMIT 1 FOR UPDATE SKIP LOCKED
), of_all AS MATERIALIZED (
    OF_ALL FOR UPDATE SKIP LOCKED
), of_kinds AS MATERIALIZED (
    SELECT part.id, part.priority, part.job_id
    FROM open_kind CROSS JOIN LATERAL (OF_KIND FOR UPDATE SKIP LOCKED) part
    ORDER BY part.priority DESC, part.job_id, part.id LIMIT %(most)s
), chosen_part AS MATERIALIZED (
    SELECT id FROM of_all UNION ALL SELECT id FROM of_kinds
), charged AS (
    UPDATE jobs_share share
    SET used_seconds = share.used_seconds + (SELECT count(*) FROM chosen_part) * %(charge)s / school.weight
    FROM chosen_share, jobs_school school
    WHERE share.id = chosen_share.id AND school.id = chosen_share.school_id
)
UPDATE jobs_part part SET
    state = 'working', attempt = part.attempt + 1, fence = part.fence + 1, worker = %(worker)s,
    claimed_at = %(now)s, leased_until = %(leased_until)s, worked_seconds = 0,
    asks = '', asks_seconds = 0
FROM chosen_part WHERE part.id = chosen_part.id
RETURNING part.*
""",
    school="(SELECT chosen_share.school_id FROM chosen_share)",
    most="%(most)s",
)
SKIPPING = SKIPPING.replace("KEPT_BACK", KEPT_BACK).replace("SHARES", SHARES)

# When all shares with work are held by others at this moment, wait for the first of them (a
# transaction's end, a millisecond) instead of leaving its work behind.
WAITING_FOR_SHARE = SKIPPING.replace("share.id LIMIT 1 FOR UPDATE SKIP LOCKED", "share.id LIMIT 1 FOR UPDATE")
IS_ANY_LEFT = "KEPT_BACK SELECT EXISTS (SELECT 1 SHARES)".replace("KEPT_BACK", KEPT_BACK).replace(
    "SHARES", SHARES
)


def values_for(lane: Lane) -> Mapping[str, Any]:
    """Return what the statements go by in `lane`."""
    # Planning and finishing ask no service; a kind may have asked another one when its parts were made.
    known = [(kind, service) for kind in kinds_of_parts() for service in ("", *services())]
    return {
        "lane": lane.name,
        "school_workers": lane.school_workers,
        "service_workers": lane.service_workers,
        "services": drawing.open_services(lane),
        "vital_lanes": [lane.name] if lane.is_vital else [],
        "kinds": [name for name, _ in known],
        "services_of_kinds": [service for _, service in known],
    }
