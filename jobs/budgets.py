"""Error budgets: for how long each lane broke its promise, as its canaries tell.

It is reckoned in time, as in chapter 3 of "Site Reliability Engineering" (Beyer and others, 2016):
a lane may break its promise for a share of the window, `budget`. Spent is each moment at which a canary
should have been home within the promise and was not: from when it was due until it came, or until now,
and one interval between two canaries at least, since nobody knows how long the wait was as long as that.
Canaries that overlap count once. So a lane that is dead for half an hour spends half an hour less its
promise, whether a canary is sent meanwhile or not: the one that was sent first waits in the database.

Where no canary was under way, because nobody sent one (no supervisor, no database, or a person held the
lane), nothing was measured. That is neither good nor spent; it is told beside the budget. So it is with a
yard that was just started, until a lane's first worker is there or anything waits in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from jobs.canaries import KIND
from jobs.settings import switchyard

SILENT_LOOKS = 3
"""When so many canaries in a row are missing, nothing was measured; a pause less long is a hiccup."""


@dataclass(frozen=True, kw_only=True)
class LaneHealth:
    """What the canaries of one lane tell."""

    newest_seconds: float | None
    """The newest wait; None while none has come home within the window."""
    overdue_seconds: float | None
    """How long the one that waits now has waited, if that is longer than the promise; else None."""
    p95_seconds: float | None
    """Of twenty canaries of the last hour nineteen waited this long at most."""
    is_late: bool
    """Whether one waits longer than the promise now, or the newest one did a moment ago."""
    is_measured: bool
    """Whether one is under way, or came home a moment ago."""
    spent_seconds: float
    """For how long within the window the lane broke its promise."""
    allowed_seconds: float
    """For how long of a whole window it may."""
    unmeasured_seconds: float
    """How long of the window, since the first canary in it, none was under way that should have been."""

    @property
    def budget_left(self) -> float:
        """The share of the error budget that is left, from 1 down to 0 and below."""
        return 1 - self.spent_seconds / self.allowed_seconds

    @property
    def percent_left(self) -> int:
        """The same of 100, and 0 when it is used up."""
        return max(0, round(100 * self.budget_left))


# What waits still is reckoned until now; in a lane that somebody holds its wait is wanted.
HEALTH = """
WITH promised AS (
    SELECT lane, make_interval(secs => seconds) AS promise
    FROM unnest(%(lanes)s::text[], %(promises)s::float[]) AS given(lane, seconds)
), waiting AS (
    SELECT lane, min(created_at) AS sent_at, bool_or(%(now)s - created_at > promise) AS is_late
    FROM jobs_job JOIN promised USING (lane)
    WHERE kind = %(kind)s AND started_at IS NULL AND ended_at IS NULL AND created_at <= %(now)s
        AND lane NOT IN (SELECT name FROM jobs_hold WHERE scope = 'lane')
    GROUP BY lane
), late AS (
    SELECT lane, at - make_interval(secs => waited_seconds) AS sent_at, at
    FROM jobs_canaryrun WHERE is_late AND at >= %(since)s
    UNION ALL SELECT lane, sent_at, %(now)s FROM waiting WHERE is_late
), due AS (
    SELECT lane, at, greatest(%(since)s, least(at, sent_at + promise)) AS due_at
    FROM late JOIN promised USING (lane)
), spans AS (
    SELECT lane, unnest(range_agg(tstzrange(due_at, greatest(at, due_at + %(every)s)))) AS span
    FROM due GROUP BY lane
), spent AS (
    SELECT lane, extract(epoch FROM sum(upper(span) - lower(span)))::float AS seconds FROM spans GROUP BY lane
), runs AS (
    SELECT lane, at, waited_seconds, is_late, lag(at) OVER later AS next_at,
        lag(waited_seconds) OVER later AS next_waited
    FROM jobs_canaryrun WHERE at >= %(since)s WINDOW later AS (PARTITION BY lane ORDER BY at DESC)
), told AS (
    SELECT lane, max(at) AS at,
        max(waited_seconds) FILTER (WHERE next_at IS NULL) AS newest_seconds,
        bool_or(is_late) FILTER (WHERE next_at IS NULL) AS is_late,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY waited_seconds) FILTER (WHERE at >= %(hour)s) AS p95,
        sum(extract(epoch FROM next_at - at)::float - next_waited) FILTER (
            WHERE next_at - at > %(silence)s
            AND next_at - at - make_interval(secs => next_waited) > %(silence)s
        ) AS unmeasured_seconds
    FROM runs GROUP BY lane
)
SELECT lane, newest_seconds, p95, told.at, waiting.sent_at, told.is_late IS TRUE OR waiting.is_late IS TRUE,
    coalesce(spent.seconds, 0), coalesce(unmeasured_seconds, 0),
    lane IN (SELECT name FROM jobs_hold WHERE scope = 'lane')
FROM promised LEFT JOIN told USING (lane) LEFT JOIN waiting USING (lane) LEFT JOIN spent USING (lane)
WHERE told.at IS NOT NULL OR waiting.sent_at IS NOT NULL
"""


def health(*, now: datetime) -> Mapping[str, LaneHealth]:
    """Return by lane what its canaries told within the window; lanes without any are left out."""
    lanes, canary = switchyard().lanes, switchyard().canary
    window = timedelta(hours=canary.window_hours)
    values: dict[str, Any] = {
        "now": now,
        "since": now - window,
        "hour": now - timedelta(hours=1),
        "kind": KIND,
        "lanes": list(lanes),
        "promises": [lane.promise_seconds for lane in lanes.values()],
        "every": timedelta(seconds=canary.every_seconds),
        "silence": _silence(),
    }
    with connection.cursor() as cursor:
        cursor.execute(HEALTH, values)
        return {
            lane: _health(row, promise_seconds=lanes[lane].promise_seconds, now=now)
            for lane, *row in cursor.fetchall()
        }


def _health(row: Sequence[Any], *, promise_seconds: float, now: datetime) -> LaneHealth:
    newest, p95, newest_at, waits_since, is_late, spent, unmeasured, is_held = row
    canary = switchyard().canary
    pause = (waits_since or now) - newest_at if newest_at else timedelta()
    is_silent = waits_since is None and pause > _silence()
    so_far = (now - (waits_since or now)).total_seconds()
    return LaneHealth(
        newest_seconds=newest,
        overdue_seconds=so_far if so_far > promise_seconds else None,
        p95_seconds=newest if p95 is None else p95,
        is_late=is_late and not is_silent and not is_held,
        is_measured=is_held or not is_silent,
        spent_seconds=spent,
        allowed_seconds=max(canary.every_seconds, canary.budget * canary.window_hours * 3600),
        unmeasured_seconds=unmeasured + (pause.total_seconds() if pause > _silence() else 0),
    )


def _silence() -> timedelta:
    """Return the longest pause between two canaries in which the lane still counts as measured."""
    return timedelta(seconds=SILENT_LOOKS * switchyard().canary.every_seconds)
