"""Writing down each minute how the lanes are, and reading it for charts."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from jobs import outliving
from jobs.measures import PARTS_ENDED
from jobs.models import LaneMinute, LaneReading, Tally
from jobs.settings import switchyard
from jobs.staffing import staffed

NOTE_SECONDS = 10
MINUTE = timedelta(minutes=1)
COLUMNS = ("lane", "waiting", "oldest_seconds", "promise_seconds", "ended", "present", "wanted")
NOTE = """
INSERT INTO jobs_laneminute AS minute
    (at, lane, waiting, oldest_seconds, promise_seconds, ended, present, wanted)
SELECT %(at)s, * FROM unnest(%(lane)s::text[], %(waiting)s::int[], %(oldest_seconds)s::float[],
    %(promise_seconds)s::float[], %(ended)s::bigint[], %(present)s::int[], %(wanted)s::int[])
ON CONFLICT (lane, at) DO UPDATE SET
    waiting = greatest(minute.waiting, excluded.waiting),
    oldest_seconds = greatest(minute.oldest_seconds, excluded.oldest_seconds),
    promise_seconds = excluded.promise_seconds, ended = excluded.ended,
    present = excluded.present, wanted = excluded.wanted
"""


def note(*, now: datetime) -> None:
    """Write down how the lanes are at `now`: of each minute the worst is kept. Supervision calls it."""
    lanes = switchyard().lanes
    readings = {reading.lane: reading for reading in LaneReading.objects.filter(lane__in=lanes)}
    ended = _ended()
    rows = []
    for each in staffed(lanes, now=now):
        lane = each.lane.name
        seen = _seen(readings.get(lane), now=now)
        rows.append((lane, *seen, each.lane.promise_seconds, ended[lane], each.present, each.staff.workers))
    columns = dict(zip(COLUMNS, (list(column) for column in zip(*rows, strict=True)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"at": now.replace(second=0, microsecond=0), **columns})


def _seen(reading: LaneReading | None, *, now: datetime) -> tuple[int, float]:
    """Return how many parts wait, and how long the oldest of them has."""
    if reading is None or reading.oldest_at is None:
        return (reading.waiting if reading else 0), 0.0
    return reading.waiting, max(0.0, (now - reading.oldest_at).total_seconds())


def _ended() -> Counter[str]:
    """Return by lane how many attempts at parts have ended, as all processes tallied them."""
    ended: Counter[str] = Counter()
    for labels, value in Tally.objects.filter(measure=PARTS_ENDED.name).values_list("labels", "value"):
        ended[json.loads(labels)[0]] += round(value)
    return ended


def prune(*, now: datetime) -> int:
    """Forget what no chart is drawn from any more, and return how many rows."""
    return outliving.old_lane_minutes(outliving.keeping_now(), now=now).delete()[0]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A few minutes of one lane; None where nobody wrote anything down."""

    at: datetime
    waiting: int | None = None
    oldest_seconds: float | None = None
    promise_seconds: float | None = None
    done_a_minute: float | None = None
    present: int | None = None
    wanted: int | None = None


def history_of(lane: str, *, until: datetime, span: timedelta, step: timedelta) -> list[Step]:
    """Return how the lane was, in steps of whole minutes up to `until`: of each the worst."""
    last = until.replace(second=0, microsecond=0)
    last -= timedelta(minutes=last.minute % round(step / MINUTE))
    starts = [last - step * number for number in reversed(range(round(span / step)))]
    rows = LaneMinute.objects.filter(lane=lane, at__gte=starts[0] - step, at__lt=last + step)
    of_steps: defaultdict[int, list[LaneMinute]] = defaultdict(list)
    for row in rows:
        of_steps[(row.at - starts[0]) // step].append(row)
    return [
        _step(start, of_steps[number], before=of_steps[number - 1][-1:])
        for number, start in enumerate(starts)
    ]


def _step(start: datetime, within: Sequence[LaneMinute], *, before: Sequence[LaneMinute]) -> Step:
    if not within:
        return Step(at=start)
    last, first = within[-1], (before or within)[0]
    minutes = (last.at - first.at) / MINUTE
    return Step(
        at=start,
        waiting=max(row.waiting for row in within),
        oldest_seconds=max(row.oldest_seconds for row in within),
        promise_seconds=last.promise_seconds,
        done_a_minute=max(0, last.ended - first.ended) / minutes if minutes else None,
        present=last.present,
        wanted=last.wanted,
    )
