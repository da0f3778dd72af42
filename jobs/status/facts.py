"""What an incident concerns: the components of its lanes, and the figures of those."""

from collections.abc import Collection

from jobs.settings import switchyard
from jobs.status.samples import Sample
from jobs.status.showing import worst
from jobs.status.words import Fact


def facts_of(lanes: Collection[str], *, sample: Sample) -> list[Fact]:
    """Return by component, in the page's order, the figures of that of its `lanes` that is worst off."""
    facts, promises = [], switchyard().lanes
    for component in switchyard().components.values():
        there = [lane for lane in component.lanes if lane in lanes and lane in sample.lanes]
        if there:
            worst_lane = max(
                there, key=lambda lane: (sample.lanes[lane].is_late, sample.lanes[lane].wait_seconds)
            )
            facts.append(
                Fact(
                    title=component.title,
                    wait_seconds=sample.lanes[worst_lane].wait_seconds,
                    promise_seconds=promises[worst_lane].promise_seconds if worst_lane in promises else 0.0,
                    is_late=sample.lanes[worst_lane].is_late,
                )
            )
    return facts


def components_of(lanes: Collection[str]) -> list[str]:
    """Return the names of the components that show any of `lanes`, in the page's order."""
    return [each.name for each in switchyard().components.values() if set(each.lanes) & set(lanes)]


def lanes_of(names: Collection[str]) -> list[str]:
    """Return the lanes of the components with these `names`."""
    ours = switchyard().components.values()
    return sorted(lane for each in ours if each.name in names for lane in each.lanes)


def titles_of(names: Collection[str]) -> list[str]:
    """Return what the page calls the components with these `names`, in its order."""
    return [each.title for each in switchyard().components.values() if each.name in names]


def impact_of(names: Collection[str]) -> str:
    """Return how bad a trouble of the components with these `names` is."""
    return worst(each.impact for each in switchyard().components.values() if each.name in names)
