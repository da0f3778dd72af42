"""Writing down what open jobs are told, what came true, and how far the next ones can be trusted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from jobs import drawing, ranges
from jobs.conditions import HELD_TO_THE_END
from jobs.expecting import Reckoning, reckon
from jobs.held import JOB_IS_HELD
from jobs.models import Job, LaneTrust, ToldTime
from jobs.outside import JOB_IS_UNTOLD, JOB_WAITS_OUTSIDE
from jobs.registry import kinds
from jobs.settings import switchyard
from jobs.vital import vital_lanes

OLDEST = NEWEST = 10
"""So many of the oldest and of the newest open jobs of each lane are told their times at one look."""
MOST_TOLD = 25
"""Jobs of all lanes at one look: each is reckoned."""
FIRST_AGAIN_SECONDS = 10
"""A job is told again when it is so old, and then each time its age has doubled."""
MOST_ROWS = 1000
KEPT = timedelta(days=30)

# Of each lane the jobs that wait longest and those that came last, unless they were told lately.
DUE = """
WITH candidate AS (
    SELECT job.* FROM unnest(%(lanes)s::text[]) AS lane(name)
    CROSS JOIN LATERAL (
        (SELECT id FROM jobs_job WHERE lane = lane.name AND ended_at IS NULL
            ORDER BY id LIMIT %(oldest)s)
        UNION
        (SELECT id FROM jobs_job WHERE lane = lane.name AND ended_at IS NULL
            ORDER BY id DESC LIMIT %(newest)s)
    ) chosen JOIN jobs_job job ON job.id = chosen.id
    WHERE job.state IN ('waiting', 'working') AND NOT job.kind = ANY(%(not_followed)s)
        AND NOT JOB_IS_UNTOLD
)
SELECT candidate.id FROM candidate LEFT JOIN LATERAL (
    SELECT at FROM jobs_toldtime told WHERE told.job_id = candidate.id ORDER BY at DESC LIMIT 1
) last ON true
WHERE last.at IS NULL OR %(now)s - candidate.created_at >= greatest(
    make_interval(secs => %(again)s), 2 * (last.at - candidate.created_at))
ORDER BY last.at NULLS FIRST, candidate.id LIMIT %(most)s
""".replace("JOB_IS_UNTOLD", JOB_IS_UNTOLD)
# What ended badly, or was paused, held or put off meanwhile, did not come to the end that was told.
VOID = """
DELETE FROM jobs_toldtime told USING jobs_job job
WHERE told.end_took IS NULL AND job.id = told.job_id AND (
    job.state IN ('failed', 'stopped') OR job.ended_at < told.at
    OR (job.ended_at IS NULL AND JOB_IS_HELD) OR EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.job_id = job.id AND part.state = 'delayed' AND part.is_put_off) OR EXISTS (
        SELECT 1 FROM jobs_jobevent event
        WHERE event.job_id = job.id AND event.what = 'paused' AND event.at >= told.at))
""".replace("JOB_IS_HELD", JOB_IS_HELD)
# What was told before a service outside failed or fell silent counts, but teaches nothing.
TEACHES_NOTHING = """
UPDATE jobs_toldtime told SET conditions_held = false FROM jobs_job job
WHERE told.end_took IS NULL AND told.conditions_held AND job.id = told.job_id AND job.ended_at IS NULL
    AND JOB_WAITS_OUTSIDE
""".replace("JOB_WAITS_OUTSIDE", JOB_WAITS_OUTSIDE)
CAME_TRUE = """
UPDATE jobs_toldtime told SET
    end_took = extract(epoch FROM job.ended_at - told.at),
    start_took = CASE WHEN told.start_reckoned IS NOT NULL AND job.started_at >= told.at
        THEN extract(epoch FROM job.started_at - told.at) END,
    conditions_held = told.conditions_held AND HELD_TO_THE_END
FROM jobs_job job
WHERE told.end_took IS NULL AND job.id = told.job_id AND job.state IN ('done', 'problems')
    AND job.ended_at >= told.at
RETURNING told.lane, told.has_begun
""".replace("HELD_TO_THE_END", HELD_TO_THE_END)
# The newest ones, oldest first, of which those that were told under other limits teach nothing.
TRUTHS = """
SELECT took, reckoned FROM (
    SELECT {what}_took AS took, {what}_reckoned AS reckoned, limits, at FROM jobs_toldtime
    WHERE lane = %(lane)s AND has_begun = %(has_begun)s AND end_took IS NOT NULL AND {what}_took IS NOT NULL
        AND conditions_held
    ORDER BY at DESC LIMIT %(most)s
) newest WHERE limits = %(limits)s ORDER BY at
"""


def tell(*, now: datetime) -> int:
    """Write down what the jobs that are due would be told now, and return how many."""
    values: dict[str, Any] = {
        "lanes": list(switchyard().lanes),
        "oldest": OLDEST,
        "newest": NEWEST,
        "now": now,
        "again": FIRST_AGAIN_SECONDS,
        "most": MOST_TOLD,
        # Nobody is told anything of canaries.
        "not_followed": [kind.name for kind in kinds() if not kind.is_on_home],
    }
    with connection.cursor() as cursor:
        cursor.execute(DUE, values)
        due = [row[0] for row in cursor.fetchall()]
    reckoned = reckon(list(Job.objects.filter(pk__in=due)), now=now)
    told = [
        _row(job, reckoning, now=now) for job, reckoning in reckoned.items() if not reckoning.is_kept_back
    ]
    ToldTime.objects.bulk_create(told)
    return len(told)


def _row(job: int, reckoning: Reckoning, *, now: datetime) -> ToldTime:
    start, end = reckoning.start, reckoning.end
    return ToldTime(
        job_id=job,
        lane=reckoning.lane,
        has_begun=reckoning.has_begun,
        at=now,
        limits=drawing.limits_now(switchyard().lanes[reckoning.lane]),
        start_reckoned=reckoning.reckoned.start if start else None,
        start_earliest=start.earliest if start else None,
        start_latest=start.latest if start else None,
        end_reckoned=reckoning.reckoned.end,
        end_earliest=end.earliest,
        end_likely=end.likely,
        end_latest=end.latest,
    )


def compare(*, now: datetime) -> int:
    """Compare what jobs were told that have ended with the truth, and return how many tellings that were."""
    with connection.cursor() as cursor:
        cursor.execute(VOID, {"vital_lanes": vital_lanes(switchyard())})
        cursor.execute(TEACHES_NOTHING)
        cursor.execute(CAME_TRUE)
        ended: list[tuple[str, bool]] = cursor.fetchall()
    for lane, has_begun in sorted(set(ended)):
        _learn(lane, what="end", has_begun=has_begun)
        if not has_begun:
            _learn(lane, what="start", has_begun=False)
    old = ToldTime.objects.filter(at__lt=now - KEPT).order_by("at").values("pk")
    ToldTime.objects.filter(pk__in=old[:MOST_ROWS]).delete()
    return len(ended)


def _learn(lane: str, *, what: str, has_begun: bool) -> None:
    if lane not in switchyard().lanes:
        return
    limits = drawing.limits_now(switchyard().lanes[lane])
    values: dict[str, Any] = {
        "lane": lane,
        "has_begun": has_begun,
        "most": ranges.LEARNED_FROM,
        "limits": limits,
    }
    with connection.cursor() as cursor:
        cursor.execute(TRUTHS.format(what=what), values)
        truths = cursor.fetchall()
    trust = ranges.learn([ranges.ratio(took=took, reckoned=reckoned) for took, reckoned in truths])
    LaneTrust.objects.update_or_create(
        lane=lane,
        what=what,
        has_begun=has_begun,
        defaults={**asdict(trust), "limits": limits},
    )


@dataclass(frozen=True, kw_only=True)
class Honesty:
    """How what was told compares with what came true."""

    lane: str
    """Empty for all lanes together."""
    told: int
    """How many times were told that have come true or not."""
    median_error: float
    """The middle miss of the likely end, as a share of the true span."""
    inside: float
    """The share of ends that lay in the range that was told."""
    start_inside: float | None
    """The same of starts; None when none was told."""


# A span shorter than a part's time is no measure of a miss.
HONESTY = """
SELECT coalesce(lane, ''), count(*),
    percentile_cont(0.5) WITHIN GROUP (
        ORDER BY abs(end_likely - end_took) / greatest(end_took, %(grain)s)),
    avg((end_took BETWEEN end_earliest AND end_latest)::int)::float,
    (avg((start_took BETWEEN start_earliest AND start_latest)::int)
        FILTER (WHERE start_took IS NOT NULL))::float
FROM jobs_toldtime WHERE end_took IS NOT NULL AND at >= %(since)s
GROUP BY ROLLUP (lane) ORDER BY lane NULLS LAST
"""


def honesty(*, since: datetime) -> Sequence[Honesty]:
    """Return how honest the times were that were told since then: by lane, and at last of all together."""
    with connection.cursor() as cursor:
        cursor.execute(HONESTY, {"since": since, "grain": ranges.GRAIN_SECONDS})
        rows = cursor.fetchall()
    return [
        Honesty(lane=lane, told=told, median_error=error, inside=inside, start_inside=start_inside)
        for lane, told, error, inside, start_inside in rows
        if told
    ]
