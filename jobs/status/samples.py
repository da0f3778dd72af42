"""One look at all lanes, as incidents are judged by it: plain values that become JSON and come back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

BROKER, WORKERS, DATABASE = "broker", "workers", "database"
"""Causes that concern the platform itself; else a cause is `service:…` or `lane:…`."""


@dataclass(frozen=True, kw_only=True)
class LaneSample:
    """One lane at one moment."""

    wait_seconds: float = 0.0
    """The longest wait: of a job that no worker is at, or of the newest canary."""
    is_late: bool = False
    """Whether that is longer than the lane promised then."""
    waiting: int = 0
    """Parts that wait."""
    slots: int = 1
    """Parts that the workers that are present can do at once."""
    is_held: bool = False
    """Whether a person paused the lane: then its waits are wanted."""
    service: str = ""
    """The outside service that its work waits for, in words; empty for none."""

    def as_json(self) -> dict[str, Any]:
        """Return what is not as it is by default: a sample is kept every few seconds, and most say little."""
        return {
            each.name: value for each in fields(self) if (value := getattr(self, each.name)) != each.default
        }

    @property
    def is_idle(self) -> bool:
        """Whether nobody is there to do its work."""
        return self.slots == 0 and not self.is_held


@dataclass(frozen=True, kw_only=True)
class Sample:
    """All lanes at one moment."""

    at: datetime
    lanes: Mapping[str, LaneSample]
    has_broker: bool = True
    """Whether the broker answered, as far as anybody asked."""
    seen: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """How often something took how many seconds up to now, in all: (times, seconds) by what it was."""

    def as_json(self) -> dict[str, Any]:
        """Return it without its moment."""
        return {
            "lanes": {name: lane.as_json() for name, lane in self.lanes.items()},
            "has_broker": self.has_broker,
            "seen": {what: list(numbers) for what, numbers in self.seen.items()},
        }

    @classmethod
    def of_json(cls, given: Mapping[str, Any], *, at: datetime) -> "Sample":
        """Return what `as_json` gave; what a later version added is passed over."""
        known = LaneSample.__dataclass_fields__
        lanes = {
            name: LaneSample(**{key: value for key, value in lane.items() if key in known})
            for name, lane in given.get("lanes", {}).items()
        }
        return cls(at=at, lanes=lanes, has_broker=given.get("has_broker", True), seen=given.get("seen", {}))

    def is_bad(self, lane: str) -> bool:
        """Whether anything is wrong with `lane` at this moment."""
        there = self.lanes.get(lane)
        return there is not None and (
            there.is_late or there.is_idle or bool(there.service) or not self.has_broker
        )

    def cause(self, lane: str) -> str:
        """Return what is most likely behind a trouble of `lane`: what concerns more than it goes first."""
        there = self.lanes[lane]
        if not self.has_broker:
            return BROKER
        if there.is_idle:
            return WORKERS
        return f"service:{there.service}" if there.service else f"lane:{lane}"


def in_a_row(samples: Sequence[Sample], *, pause: timedelta) -> list[Sample]:
    """Return the newest of `samples` (oldest first) between which no longer time passed than `pause`."""
    row: list[Sample] = []
    for sample in reversed(samples):
        if row and row[-1].at - sample.at > pause:
            break
        row.append(sample)
    return row[::-1]


def calm_since(row: Sequence[Sample], lanes: Collection[str]) -> datetime | None:
    """Return since when nothing was wrong with any of `lanes` in `row` (oldest first); None while it is."""
    since = None
    for sample in reversed(row):
        if any(sample.is_bad(lane) for lane in lanes):
            break
        since = sample.at
    return since
