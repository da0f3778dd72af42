"""Which vital lanes a change of the settings touches: those without which people stand still."""

from collections.abc import Sequence
from typing import Any

from jobs.overrides import Path
from jobs.settings import Switchyard


def vital_lanes_touched(paths: Sequence[Path], *, before: Switchyard, after: Switchyard) -> list[str]:
    """Return the vital lanes that the changed values at `paths` touch.

    A lane is touched by its own settings, and by rules of kinds that were or become led to it.
    """
    return [
        lane
        for lane in vital_lanes(after)
        if any(path[:2] == ("lanes", lane) for path in paths) or _led(before, lane) != _led(after, lane)
    ]


def vital_lanes(settings: Switchyard) -> list[str]:
    """Return the names of the vital lanes."""
    return [lane.name for lane in settings.lanes.values() if lane.is_vital]


def kinds_of_vital_lanes(settings: Switchyard) -> dict[str, str]:
    """Return by kind the vital lane that some rule leads it to."""
    return {rule.kind: rule.lane for rule in settings.routes if settings.lanes[rule.lane].is_vital}


def _led(settings: Switchyard, lane: str) -> list[dict[str, Any]]:
    """Return in order all rules of the kinds of which one leads to `lane`."""
    kinds = {rule.kind for rule in settings.routes if rule.lane == lane}
    return [rule.as_setting() for rule in settings.routes if rule.kind in kinds]
