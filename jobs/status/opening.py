"""When lanes are in trouble, which incident that belongs to, and when one is over: plain arithmetic.

A promise must be broken in some looks in a row, so that a hiccup is no incident. That nobody works, or that
the broker does not answer, is one by itself after a longer while. An incident is over once nothing was wrong
for long enough: one bad look in between begins that span anew (hysteresis).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.status.samples import Sample, calm_since

STARTING_TIMES = 4
"""What was never there since the first look may just be starting: it gets so many times longer."""
CALM_LOOKS = 2
"""So many good looks in a row make an incident one that is only watched."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When an incident opens and closes."""

    late_samples: int
    gone: timedelta
    calm: timedelta


@dataclass(frozen=True, kw_only=True)
class Known:
    """An incident that is open: its id, its cause, and the lanes that it ever concerned."""

    id: int
    cause: str
    lanes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Lanes in trouble for one cause, and the open incident that tells of it: None for a new one."""

    cause: str
    lanes: frozenset[str]
    incident: int | None


def is_unknown(cause: str) -> bool:
    """Whether nothing is known of a cause but that a lane is late."""
    return cause.startswith("lane:")


def troubled_lanes(row: Sequence[Sample], *, limits: Limits) -> dict[str, str]:
    """Return the cause by lane for those in trouble at the end of `row`: samples without gaps, in order."""
    if not row:
        return {}
    newest = row[-1]
    return {lane: newest.cause(lane) for lane in newest.lanes if _is_in_trouble(row, lane, limits=limits)}


def _is_in_trouble(row: Sequence[Sample], lane: str, *, limits: Limits) -> bool:
    def lasted(claim: Callable[[Sample], bool]) -> tuple[int, timedelta]:
        bad = 0
        while bad < len(row) and lane in row[-1 - bad].lanes and claim(row[-1 - bad]):
            bad += 1
        return bad, row[-1].at - row[-bad].at if bad else timedelta()

    late, _ = lasted(lambda sample: sample.lanes[lane].is_late or bool(sample.lanes[lane].service))
    gone, gone_for = lasted(lambda sample: sample.lanes[lane].is_idle or not sample.has_broker)
    was_well = gone < len(row)
    allowed = limits.gone if was_well else STARTING_TIMES * limits.gone
    return late >= limits.late_samples or (gone > 1 and gone_for >= allowed)


def troubles(troubled: Mapping[str, str], *, known: Sequence[Known]) -> list[Trouble]:
    """Return one trouble for each cause in `troubled` (cause by lane), with the incident that it belongs to.

    That is the open one of the same cause. A lane that is late for no known reason belongs to one with a
    known cause that concerned it before: it catches up. Else it is the oldest one that concerns one of its
    lanes and whose own cause is seen no more: what was found out since is the cause of the same incident.
    `known` are in the order in which they opened.
    """
    by_cause: defaultdict[str, set[str]] = defaultdict(set)
    for lane, cause in troubled.items():
        by_cause[cause].add(lane)
    owners = {each.cause: each.id for each in known}
    explained = [each for each in known if not is_unknown(each.cause)]
    free = [each for each in known if each.cause not in by_cause]
    found = []
    for cause, lanes in sorted(by_cause.items()):
        incident = owners.get(cause)
        if incident is None and is_unknown(cause):
            incident = next((each.id for each in explained if each.lanes >= lanes), None)
        if incident is None:
            heir = next((each for each in free if each.lanes & lanes), None)
            if heir is not None:
                free.remove(heir)
                incident = heir.id
        found.append(Trouble(cause=cause, lanes=frozenset(lanes), incident=incident))
    return found


def next_status(
    status: str,
    *,
    is_known: bool,
    is_troubled: bool,
    row: Sequence[Sample],
    lanes: frozenset[str],
    limits: Limits,
) -> tuple[str, datetime | None]:
    """Return the status of an incident of `lanes` after the newest look, and since when nothing is wrong.

    `is_known` says whether more than its lateness is known of the cause.
    """
    if is_troubled:
        return ("identified" if is_known else "investigating"), None
    since = calm_since(row, lanes)
    if since is None:
        return status, None
    looks = sum(sample.at >= since for sample in row)
    if status != "monitoring":
        return ("monitoring" if looks >= CALM_LOOKS else status), since
    return ("resolved" if row[-1].at - since >= limits.calm else status), since
