"""Limits that hold over all workers of all hosts: token buckets in PostgreSQL."""

from datetime import datetime

from django.db import connection

# The bucket may go into debt by one part: then later seconds pay it off, and the long-run rate is exact.
DRAW = """
INSERT INTO jobs_bucket AS bucket (name, tokens, filled_at)
VALUES (%(name)s, %(burst)s - %(units)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET
    tokens = least(
        %(burst)s, bucket.tokens + %(rate)s * greatest(0, extract(epoch FROM %(now)s - bucket.filled_at))
    ) - %(units)s,
    filled_at = greatest(bucket.filled_at, %(now)s)
WHERE bucket.tokens + %(rate)s * greatest(0, extract(epoch FROM %(now)s - bucket.filled_at)) > 0
RETURNING tokens
"""


def take(*, name: str, rate: float, burst: float, units: float, now: datetime) -> float | None:
    """Take `units` tokens from the bucket `name` and return how many it has then; None when it had none.

    `rate` is in units a second, `burst` the most that the bucket holds. One draw may be larger than
    what is there; the bucket then owes the rest.
    """
    with connection.cursor() as cursor:
        cursor.execute(DRAW, {"name": name, "rate": rate, "burst": burst, "units": units, "now": now})
        row = cursor.fetchone()
    return None if row is None else float(row[0])
