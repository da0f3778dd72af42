"""What the newest parts of jobs show: those at work by what they did lately, and those done a moment ago."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from jobs.settings import switchyard

# A condition on a done `part`: no attempt at it was lost, failed or handed back, so that nothing of it was
# done twice or took time that is not counted. Waiting for an outside service was no attempt.
DONE_AT_ONCE = """(part.attempt <= 1 AND (part.fence = 1 OR NOT EXISTS (
    SELECT 1 FROM jobs_attempt attempt WHERE attempt.part_id = part.id)))"""

WINDOW = timedelta(seconds=12)
"""Only what happened in it counts: a job that turns slow shall be seen at once."""
LEAST_SECONDS = 11.0
"""A part at work counts by what it did in its last seconds of work, so many at least, else since its claim: a
hiccup is not slow."""
MOST_PARTS = 500
"""The newest parts of a lane that count."""
FIRST_CLAIM = 1
"""The fence of a part that was never claimed before."""

# Where parts are claimed together they wait for each other in the worker, so that they say nothing yet.
AT_WORK = """
SELECT id, fence, job_id, units, units_done + units_failed, seconds, worked_seconds
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
WHERE part.step = 'work' AND part.units > 0 AND DONE_AT_ONCE AND NOT part.id = ANY(%(glanced)s::bigint[])
GROUP BY part.job_id
""".replace("DONE_AT_ONCE", DONE_AT_ONCE)
DONE_SINCE_A_GLANCE = """
SELECT id, fence, job_id, units, seconds FROM jobs_part
WHERE id = ANY(%(glanced)s::bigint[]) AND state = 'done' AND ended_at > %(since)s
"""

# What jobs did in a lane since a moment, by the newest parts that make up so many units of each. Each part
# has one or more, so that as many parts are enough.
NEWEST = """
SELECT job_id, count(*), sum(units), sum(seconds) FROM (
    SELECT done.*, sum(done.units) OVER (
        PARTITION BY done.job_id ORDER BY done.ended_at DESC, done.id DESC) - done.units AS newer
    FROM unnest(%(jobs)s::bigint[], %(lanes)s::text[], %(since)s::timestamptz[]) AS asked(job, lane, since)
    CROSS JOIN LATERAL (
        SELECT part.* FROM jobs_part part
        WHERE part.job_id = asked.job AND part.lane = asked.lane AND part.state = 'done'
            AND part.ended_at > asked.since AND part.step = 'work' AND part.units > 0 AND DONE_AT_ONCE
        ORDER BY part.ended_at DESC, part.id DESC LIMIT %(units)s
    ) done
) own WHERE newer < %(units)s GROUP BY job_id
""".replace("DONE_AT_ONCE", DONE_AT_ONCE)


@dataclass(kw_only=True)
class Sighting:
    """What was seen of one job."""

    parts: int = 0
    units: float = 0
    seconds: float = 0
    """Seconds of work that these units took."""
    silent: list[tuple[float, float]] = field(default_factory=list)
    """Parts at work that have reported nothing: units, and seconds of work since the claim."""

    def add(self, *, units: float, seconds: float, parts: int = 1) -> None:
        """Count more."""
        self.parts += parts
        self.units += units
        self.seconds += seconds


def newest_units(since: Mapping[int, tuple[str, datetime]], *, units: int) -> dict[int, Sighting]:
    """Return by job id what its newest `units` show, of those that it did in a lane `since` a moment."""
    values: dict[str, Any] = {
        "jobs": list(since),
        "lanes": [lane for lane, _ in since.values()],
        "since": [moment for _, moment in since.values()],
        "units": units,
    }
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, values)
        rows = cursor.fetchall()
    return {job: Sighting(parts=parts, units=float(did), seconds=took) for job, parts, did, took in rows}


@dataclass(frozen=True, slots=True)
class _Glance:
    """How far a part at work was at one look."""

    at: datetime
    units: int
    worked: float
    """Seconds of work since the claim, as its worker told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    """What is known of one attempt at a part."""

    earlier_seconds: float
    """What earlier attempts took."""
    begin: _Glance
    """From where on it counts."""
    glances: Sequence[_Glance]
    """Oldest first."""


Key = tuple[int, int]
"""Part id and fence: one attempt at a part."""


@dataclass(kw_only=True)
class Watcher:
    """Looks at parts every few seconds and remembers how far those at work were.

    Time is what the workers themselves measured while they gave signs of life: what a frozen or lost worker,
    a restart of the platform or a gap between two looks took is no time of work, and clocks of hosts are not
    compared. What it remembers is lost with the process; then parts count as a whole until it knows them.
    """

    tracks: dict[Key, _Track] = field(default_factory=dict)

    def look(self, *, now: datetime) -> Mapping[int, Sighting]:
        """Return by job id what its newest parts show."""
        lanes = switchyard().lanes
        values: dict[str, Any] = {
            "lanes": list(lanes),
            "one_by_one": [name for name, lane in lanes.items() if lane.claim_parts == 1],
            "since": now - WINDOW,
            "most": MOST_PARTS,
            "glanced": [pk for pk, _ in self.tracks],
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
        for pk, fence, job, units, seconds in rows:
            if track := self.tracks.get((pk, fence)):
                # One that had reported nothing may have done all of it before.
                first = track.glances[0] if track.glances[0].units else track.begin
                worked = seconds - track.earlier_seconds - first.worked
                seen[job].add(units=float(max(0, units - first.units)), seconds=max(0.0, worked))

    def _add_at_work(self, seen: Mapping[int, Sighting], rows: Iterable[Any], *, now: datetime) -> None:
        before, self.tracks = self.tracks, {}
        for pk, fence, job, units, ended, earlier_seconds, worked in rows:
            glance = _Glance(now, ended, worked)
            track = _followed(before.get((pk, fence)), glance, fence=fence, earlier_seconds=earlier_seconds)
            self.tracks[pk, fence] = track
            first = track.glances[0]
            if not (first.units and worked - first.worked >= LEAST_SECONDS):
                first = track.begin
            if ended == 0:
                seen[job].silent.append((float(units), worked))
            elif worked > first.worked or fence == FIRST_CLAIM:
                # The unit that it is at counts as well.
                did = min(units, ended + 1) - first.units
                seen[job].add(units=did, seconds=worked - first.worked)


def _followed(track: _Track | None, glance: _Glance, *, fence: int, earlier_seconds: float) -> _Track:
    """Return the track with a new glance; who begins with units of an earlier attempt counts from now on."""
    is_anew = track is None or glance.units < track.glances[-1].units
    if track is not None and not is_anew:
        return replace(track, glances=_recent([*track.glances, glance], now=glance.at))
    inherits = track is not None or (fence > FIRST_CLAIM and glance.units > 0)
    begin = glance if inherits else _Glance(glance.at, 0, 0.0)
    return _Track(earlier_seconds=earlier_seconds, begin=begin, glances=[glance])


def _recent(glances: Sequence[_Glance], *, now: datetime) -> Sequence[_Glance]:
    """Return the glances from the last one before the window on."""
    old = [glance for glance in glances if glance.at <= now - WINDOW]
    return [*old[-1:], *(glance for glance in glances if glance.at > now - WINDOW)]
