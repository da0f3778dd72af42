"""What incidents do to components, and those to the whole page, in the words of Statuspage's API."""

from collections.abc import Iterable, Mapping

INDICATORS = ("none", "minor", "major", "critical")
OPERATIONAL = "operational"
UNDER_MAINTENANCE = "under_maintenance"
STATUS_OF_IMPACT = {
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
    "maintenance": UNDER_MAINTENANCE,
}
"""The status of a component that an incident of this impact concerns."""
DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}
"""What Statuspage calls a page with this indicator."""
ORDER = (OPERATIONAL, UNDER_MAINTENANCE, "degraded_performance", "partial_outage", "major_outage")


def worst(impacts: Iterable[str]) -> str:
    """Return the worst of impacts; `none` where there is none."""
    return max(impacts, key=INDICATORS.index, default="none")


def status_of_components(
    impacts: Mapping[str, str], *, concerned: Iterable[tuple[str, str]]
) -> dict[str, str]:
    """Return each component's status.

    `impacts` says how bad a trouble of a component is. `concerned` are pairs of a component and the impact of
    an incident that concerns it now: never worse than the component's own, but for a maintenance.
    """
    found = dict.fromkeys(impacts, OPERATIONAL)
    for component, impact in concerned:
        if component in found:
            milder = impact if impact == "maintenance" else min(impact, impacts[component], key=_severity)
            found[component] = max(found[component], STATUS_OF_IMPACT[milder], key=ORDER.index)
    return found


def indicator_of(statuses: Iterable[str]) -> str:
    """Return the indicator of a page with components of these statuses: none, minor, major or critical."""
    worst_of_all = max(statuses, key=ORDER.index, default=OPERATIONAL)
    by_status = {status: impact for impact, status in STATUS_OF_IMPACT.items()}
    found = by_status.get(worst_of_all, "none")
    return "none" if found == "maintenance" else found


def describe(indicator: str, *, statuses: Iterable[str]) -> str:
    """Return the page's state in words."""
    if indicator == "none" and UNDER_MAINTENANCE in set(statuses):
        return DESCRIPTIONS["maintenance"]
    return DESCRIPTIONS[indicator]


def _severity(impact: str) -> int:
    return INDICATORS.index(impact) if impact in INDICATORS else 0
