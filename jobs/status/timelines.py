"""What samples say of an incident: when which lane became bad and good again, and how bad: plain."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs.language import gettext as _
from jobs.status.samples import LaneSample, Sample

MOST = 40
"""So many entries tell enough; more would be told by nobody."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One moment of a timeline."""

    at: datetime
    lane: str
    says: str
    """What is new: `late`, `without workers`, `waits for …`, `no broker`, `paused`; or `fine`."""
    wait_seconds: float


def entries(samples: Sequence[Sample], lanes: Collection[str]) -> list[Entry]:
    """Return where the state of one of `lanes` changed; `samples` are in order."""
    found: list[Entry] = []
    last: dict[str, str] = dict.fromkeys(lanes, _("fine"))
    for sample in samples:
        for lane in sorted(lanes):
            there = sample.lanes.get(lane)
            if there is None:
                continue
            says = _state(there, has_broker=sample.has_broker)
            if says != last[lane]:
                last[lane] = says
                found.append(Entry(at=sample.at, lane=lane, says=says, wait_seconds=there.wait_seconds))
    return found[:MOST]


def worst_wait(samples: Sequence[Sample], lane: str) -> tuple[datetime, float] | None:
    """Return when the longest wait of `lane` was seen, and how long; None where it was never late."""
    late = [
        (sample.lanes[lane].wait_seconds, sample.at)
        for sample in samples
        if lane in sample.lanes and sample.lanes[lane].is_late
    ]
    if not late:
        return None
    seconds, at = max(late)
    return at, seconds


def mean_seconds(first: Sequence[float] | None, last: Sequence[float] | None) -> float | None:
    """Return how long something took on average between two samples; None where it never happened.

    Both are (times, seconds) in all up to then; a count that began anew in between tells nothing.
    """
    if not last:
        return None
    times_before, seconds_before = first or (0.0, 0.0)
    times, seconds = last[0] - times_before, last[1] - seconds_before
    return seconds / times if times > 0 and seconds >= 0 else None


def _state(lane: LaneSample, *, has_broker: bool) -> str:
    found = []
    if lane.is_held:
        found.append(_("paused"))
    if not has_broker:
        found.append(_("no broker"))
    if lane.is_idle:
        found.append(_("without workers"))
    if lane.service:
        found.append(_("waits for {service}").format(service=lane.service))
    if lane.is_late:
        found.append(_("late"))
    return ", ".join(found) or _("fine")
