"""A school's share of a lane: how much it has used, against which the claim is fair."""

from django.db import connection

# The virtual time of start-time fair queueing (Goyal, Vin and Cheng, 1996): whoever comes back starts level
# with those who have work there; in an idle lane with whoever used the most, so that nobody pays later for
# what they used when nobody else wanted it.
JOIN = """
WITH busy AS (
    SELECT used_seconds FROM jobs_share share
    WHERE lane = %(lane)s AND school_id <> %(school)s AND EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.lane = share.lane AND part.school_id = share.school_id AND part.state = 'waiting')
)
INSERT INTO jobs_share AS share (lane, school_id, used_seconds)
VALUES (%(lane)s, %(school)s, coalesce(
    (SELECT min(used_seconds) FROM busy),
    (SELECT max(used_seconds) FROM jobs_share WHERE lane = %(lane)s),
    0
))
ON CONFLICT (lane, school_id) DO UPDATE SET used_seconds = excluded.used_seconds
WHERE share.used_seconds < excluded.used_seconds
    AND NOT EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.lane = share.lane AND part.school_id = share.school_id AND part.state = 'waiting')
"""


def join(*, lane: str, school_id: int) -> None:
    """Give the school its share of the lane, level with the least-used school that has work there, if any.

    Without that, a school that was away would hold the lane until it had used as much as the others.
    Call it before the school's part is written.
    """
    with connection.cursor() as cursor:
        cursor.execute(JOIN, {"lane": lane, "school": school_id})
