"""Incidents of the snapshot with their moments as such, for templates and feeds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def with_moments(incidents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return `incidents` and their `updates` with moments in place of the texts that JSON has for them."""
    return [
        {
            **incident,
            **_moments(incident),
            "updates": [{**update, **_moments(update)} for update in incident["incident_updates"]],
        }
        for incident in incidents
    ]


def _moments(told: Mapping[str, Any]) -> dict[str, datetime]:
    named = (
        (name, value)
        for name, value in told.items()
        if isinstance(value, str) and (name.endswith("_at") or name.startswith("scheduled_"))
    )
    return {name: datetime.fromisoformat(value) for name, value in named}
