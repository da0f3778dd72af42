"""Learning what kinds cost from the parts that were done since the last look; bounded, whatever was done."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import Max

from jobs import costs
from jobs.appraising import known_cost
from jobs.experience import Experience, Lesson
from jobs.models import Cost
from jobs.settings import switchyard
from jobs.sightings import DONE_AT_ONCE

log = structlog.get_logger()

MOST_PARTS = 200
"""The newest parts of a lane that one look learns from."""
FIRST_LOOK = timedelta(days=1)
"""How far back the very first look goes."""

NEWEST = """
SELECT job.kind, part.job_id, extract(epoch FROM part.ended_at)::float, part.units,
    job.megabytes * part.units / greatest(job.units_total, part.units), part.seconds, part.ended_at
FROM unnest(%(lanes)s::text[]) AS lane(name)
CROSS JOIN LATERAL (
    SELECT * FROM jobs_part
    WHERE lane = lane.name AND state = 'done' AND ended_at > %(since)s
    ORDER BY ended_at DESC LIMIT %(most)s
) part
JOIN jobs_job job ON job.id = part.job_id
WHERE part.step = 'work' AND part.units > 0 AND DONE_AT_ONCE
""".replace("DONE_AT_ONCE", DONE_AT_ONCE)
LEARNED = (
    "unit_seconds",
    "megabyte_seconds",
    "known_megabytes",
    "spread",
    "lately",
    "units",
    "parts",
    "learned_at",
    "experience",
)


def learn_costs(*, now: datetime) -> int:
    """Learn from the parts done since the last look, and return from how many."""
    newest: datetime | None = Cost.objects.aggregate(newest=Max("learned_at"))["newest"]
    by_kind, ended_at = _done_since(newest or now - FIRST_LOOK)
    _forget(Cost.objects.exclude(lately=1).exclude(kind__in=by_kind), now=now)
    if not by_kind:
        return 0
    known = Cost.objects.in_bulk(list(by_kind))
    learned = [
        row
        for kind, lessons in by_kind.items()
        if (row := _learn(known.get(kind), kind, lessons, now=now, ended_at=ended_at))
    ]
    Cost.objects.bulk_create(
        learned, update_conflicts=True, unique_fields=["kind"], update_fields=list(LEARNED)
    )
    return sum(len(lessons) for lessons in by_kind.values())


def _forget(rows: Iterable[Cost], *, now: datetime) -> None:
    """Let what was seen of kinds lately count less, though nothing of them was done since."""
    faded = list(rows)
    for row in faded:
        row.lately = _lately(Experience.of_json(row.experience), now=now)
    if faded:
        Cost.objects.bulk_update(faded, ["lately"])


def _lately(experience: Experience, *, now: datetime) -> float:
    return max(costs.LEAST_SECONDS, experience.times_lately(now=now.timestamp()))


def _done_since(since: datetime) -> tuple[Mapping[str, list[Lesson]], datetime]:
    """Return the newest parts of each kind, and the end of the newest of all."""
    values: dict[str, Any] = {"lanes": list(switchyard().lanes), "since": since, "most": MOST_PARTS}
    by_kind: defaultdict[str, list[Lesson]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, values)
        for kind, job, at, units, megabytes, seconds, ended_at in cursor.fetchall():
            lesson = Lesson(job=job, at=at, units=units, megabytes=megabytes, seconds=seconds)
            by_kind[kind].append(lesson)
            since = max(since, ended_at)
    return by_kind, since


def _learn(
    row: Cost | None, kind: str, lessons: Sequence[Lesson], *, now: datetime, ended_at: datetime
) -> Cost | None:
    before = Experience.of_json(row.experience if row else {})
    cost = known_cost(row) if row else None
    experience = before.with_parts(lessons, cost=cost, now=now.timestamp())
    if cost is None or experience.lessons != before.lessons:
        cost = experience.cost()
    if cost is None:
        return None
    log.debug("cost_learned", kind=kind, parts=len(lessons), unit_seconds=round(cost.unit_seconds, 6))
    return Cost(
        kind=kind,
        unit_seconds=cost.unit_seconds,
        megabyte_seconds=cost.megabyte_seconds,
        known_megabytes=cost.known_megabytes,
        spread=cost.spread,
        lately=_lately(experience, now=now),
        units=(row.units if row else 0) + int(sum(lesson.units for lesson in lessons)),
        parts=(row.parts if row else 0) + len(lessons),
        learned_at=ended_at,
        experience=experience.as_json(),
    )
