"""What a change of the settings would do, before it is put in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jobs import versions
from jobs.changing import changes_between, require_sound
from jobs.models import School
from jobs.previewing import Preview, preview
from jobs.settings import read_with
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
    """The waits of the last hours' jobs before and after; None when nothing would change."""


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
    seen = preview(before=before, after=after, weights_after=proposal.weights, now=now) if changes else None
    return Review(changes=changes, vital=vital, preview=seen)


def _weighed(weights: Mapping[str, float]) -> list[Change]:
    for slug, weight in weights.items():
        require_weight(weight, slug=slug)
    before = dict(School.objects.filter(slug__in=weights).values_list("slug", "weight"))
    return [
        {"path": ["schools", slug, "weight"], "before": before[slug], "after": weight}
        for slug, weight in sorted(weights.items())
        if slug in before and before[slug] != weight
    ]
