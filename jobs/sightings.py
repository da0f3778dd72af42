"""What the newest parts of jobs show: those at work by what they did lately, and those done a moment ago."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from jobs.settings import switchyard

WINDOW = timedelta(seconds=12)
"""Only what happened in it counts: a job that turns slow shall be seen at once."""
LEAST = timedelta(seconds=11)
"""A part at work counts by what it did since a glance so old, else since its claim: a hiccup is not slow."""
MOST_PARTS = 500
"""The newest parts of a lane that count."""

# Where parts are claimed together they wait for each other in the worker, so that their age says nothing.
AT_WORK = """
SELECT id, fence, job_id, units, units_done + units_failed, seconds,
    greatest(0, extract(epoch FROM %(now)s - claimed_at)::float)
FROM jobs_part WHERE state = 'working' AND step = 'work' AND units > 0
    AND lane = ANY(%(one_by_one)s::text[])
"""
DONE = """
SELECT part.job_id, count(*), sum(part.units), sum(part.seconds)
FROM unnest(%(lanes)s::text[]) AS lane(name)
CROSS JOIN LATERAL (
    SELECT * FROM jobs_part
    WHERE lane = lane.name AND state = 'done' AND ended_at > %(since)s
    ORDER BY ended_at DESC LIMIT %(most)s
) part
WHERE part.step = 'work' AND part.attempt <= 1 AND part.units > 0 AND NOT part.id = ANY(%(glanced)s::bigint[])
GROUP BY part.job_id
"""
DONE_SINCE_A_GLANCE = """
SELECT id, fence, job_id, units, ended_at FROM jobs_part
WHERE id = ANY(%(glanced)s::bigint[]) AND state = 'done' AND ended_at > %(since)s
"""


@dataclass(kw_only=True)
class Sighting:
    """What was seen of one job."""

    parts: int = 0
    units: float = 0
    seconds: float = 0
    """Seconds of work that these units took."""
    silent: list[tuple[float, float]] = field(default_factory=list)
    """Parts at work that have reported nothing: units, and seconds since the claim."""

    def add(self, *, units: float, seconds: float, parts: int = 1) -> None:
        """Count more."""
        self.parts += parts
        self.units += units
        self.seconds += seconds


@dataclass(frozen=True, slots=True)
class _Glance:
    """How far a part at work was at one look."""

    at: datetime
    units: int


Key = tuple[int, int]
"""Part id and fence."""


@dataclass(kw_only=True)
class Watcher:
    """Looks at parts every few seconds and remembers how far those at work were.

    What it remembers is lost with the process; then parts count as a whole until it knows them. Clocks of
    hosts differ: what seems to have begun after now has taken no time yet.
    """

    glances: dict[Key, list[_Glance]] = field(default_factory=dict)
    """Oldest first."""

    def look(self, *, now: datetime) -> Mapping[int, Sighting]:
        """Return by job id what its newest parts show."""
        lanes = switchyard().lanes
        values: dict[str, Any] = {
            "lanes": list(lanes),
            "one_by_one": [name for name, lane in lanes.items() if lane.claim_parts == 1],
            "now": now,
            "since": now - WINDOW,
            "most": MOST_PARTS,
            "glanced": [pk for pk, _ in self.glances],
        }
        seen: defaultdict[int, Sighting] = defaultdict(Sighting)
        with connection.cursor() as cursor:
            cursor.execute(DONE, values)
            for job, parts, units, seconds in cursor.fetchall():
                seen[job].add(parts=parts, units=float(units), seconds=seconds)
            cursor.execute(DONE_SINCE_A_GLANCE, values)
            self._add_done(seen, cursor.fetchall())
            cursor.execute(AT_WORK, values)
            self._add_at_work(seen, cursor.fetchall(), now=now)
        return seen

    def _add_done(self, seen: Mapping[int, Sighting], rows: Iterable[Any]) -> None:
        """Count what parts did since the glance: what they did before the window is past."""
        for pk, fence, job, units, ended_at in rows:
            if glances := self.glances.get((pk, fence)):
                first = glances[0]
                seconds = max(0.0, (ended_at - first.at).total_seconds())
                seen[job].add(units=float(units - first.units), seconds=seconds)

    def _add_at_work(self, seen: Mapping[int, Sighting], rows: Iterable[Any], *, now: datetime) -> None:
        before, self.glances = self.glances, {}
        for pk, fence, job, units, ended, earlier_seconds, age in rows:
            glances = [*_recent(before.get((pk, fence), []), now=now), _Glance(now, ended)]
            self.glances[pk, fence] = glances
            first = glances[0]
            if ended == 0:
                seen[job].silent.append((float(units), age))
            elif first.units and now - first.at >= LEAST:
                did, seconds = ended - first.units, (now - first.at).total_seconds()
                seen[job].add(units=did + 1, seconds=seconds)
            else:
                # The unit that it is at counts as well.
                seen[job].add(units=min(units, ended + 1), seconds=earlier_seconds + age)


def _recent(glances: list[_Glance], *, now: datetime) -> list[_Glance]:
    """Return the glances from the last one before the window on."""
    old = [glance for glance in glances if glance.at <= now - WINDOW]
    return [*old[-1:], *(glance for glance in glances if glance.at > now - WINDOW)]
