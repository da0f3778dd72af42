"""What incidents do to components, and those to the whole page, in the words of Statuspage's API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

PAGE_ID = "switchyard"
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
UNREACHABLE = "unreachable"
"""The id of the incident that a web process tells of by itself; nobody can be notified of that one."""
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
            status = status_under(impact, own=impacts[component])
            found[component] = max(found[component], status, key=ORDER.index)
    return found


def status_under(impact: str, *, own: str) -> str:
    """Return the status of a component, whose `own` trouble is so bad, under an incident of this impact."""
    milder = impact if impact == "maintenance" else min(impact, own, key=_severity)
    return STATUS_OF_IMPACT[milder]


def change_of(component: Mapping[str, Any], *, before: str, after: str) -> dict[str, str]:
    """Return what an update says of a component: its status before and after it."""
    return {"code": component["id"], "name": component["name"], "old_status": before, "new_status": after}


def update_as_told(
    *, code: str, status: str, body: str, incident: str, at: str | None, affected: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """Return an update of an incident as programs read it."""
    return {
        "id": code,
        "status": status,
        "body": body,
        "incident_id": incident,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": list(affected),
        "deliver_notifications": incident != UNREACHABLE,
        "custom_tweet": None,
        "tweet_id": None,
    }


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
