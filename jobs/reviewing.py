"""What a change of the settings would do, before it is put in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jobs import outliving, versions
from jobs.changing import changes_between, require_sound
from jobs.models import School
from jobs.outliving import Keeping, Outlived
from jobs.previewing import Preview, preview
from jobs.settings import Switchyard, read_with
from jobs.vital import vital_lanes_touched
from jobs.weighing import Change, require_weight


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What somebody wants to change, as `jobs.changing.change` takes it."""

    overrides: Mapping[str, Any] | None = None
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Review:
    """What a proposal would do."""

    changes: list[Change]
    vital: list[str]
    """The vital lanes that it touches, whose names must be typed."""
    preview: Preview | None
    """The waits of the last hours' jobs before and after; None when nothing of them would change."""
    outlived: Sequence[Outlived] = ()
    """What the next pruning would delete, before and after, where it changes how long something is kept."""


def review(proposal: Proposal, *, now: datetime) -> Review:
    """Return what `proposal` would do; it takes up to some seconds, since the last hours are simulated twice.

    Raises:
        WrongSetting, Unsound: it cannot be put in force.
    """
    before = versions.settings_in_force()
    after = before if proposal.overrides is None else read_with(proposal.overrides)
    require_sound(after, before=before)
    changes = changes_between(before=before, after=after)
    vital = vital_lanes_touched([tuple(each["path"]) for each in changes], before=before, after=after)
    changes += _weighed(proposal.weights)
    of_waits = [change for change in changes if not _is_of_keeping(change)]
    seen = preview(before=before, after=after, weights_after=proposal.weights, now=now) if of_waits else None
    gone = _outlived(before, after, now=now) if len(of_waits) < len(changes) else []
    return Review(changes=changes, vital=vital, preview=seen, outlived=gone)


def _is_of_keeping(change: Change) -> bool:
    """Whether it changes how long something is kept, which no job waits for."""
    return change["path"][0] == "history"


def _outlived(before: Switchyard, after: Switchyard, *, now: datetime) -> list[Outlived]:
    own = outliving.own_days()
    keepings = {
        side: Keeping(history=each.history, own_days=own)
        for side, each in (("before", before), ("after", after))
    }
    return outliving.compare(**keepings, now=now)


def _weighed(weights: Mapping[str, float]) -> list[Change]:
    for slug, weight in weights.items():
        require_weight(weight, slug=slug)
    before = dict(School.objects.filter(slug__in=weights).values_list("slug", "weight"))
    return [
        {"path": ["schools", slug, "weight"], "before": before[slug], "after": weight}
        for slug, weight in sorted(weights.items())
        if slug in before and before[slug] != weight
    ]
