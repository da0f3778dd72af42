"""An incident as programs read it, in the shape of Statuspage's public API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from jobs.models import Incident, IncidentStatus
from jobs.settings import switchyard
from jobs.status.showing import OPERATIONAL, PAGE_ID, change_of, status_under, update_as_told

HURTING = (IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED, IncidentStatus.IN_PROGRESS)
"""While an incident or a maintenance has one of these, its components are not operational."""
SECTIONS = {
    "summary": _("What happened"),
    "timeline": _("In order of time"),
    "contributors": _("What contributed"),
    "actions": _("What was done"),
    "next_steps": _("What follows"),
}
"""The sections of a postmortem, in order, as the page calls them."""


def as_told(incident: Incident, components: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the incident, with its `components` as they are now, by id."""
    concerned = [components[name] for name in incident.components if name in components]
    told: dict[str, Any] = {
        "id": incident.code,
        "name": incident.title,
        "status": incident.status,
        "created_at": iso(incident.opened_at),
        "updated_at": iso(incident.updated_at),
        "monitoring_at": iso(incident.monitoring_at),
        "resolved_at": iso(incident.ended_at),
        "impact": incident.impact,
        "started_at": iso(incident.started_at),
        "page_id": PAGE_ID,
        "incident_updates": _updates(incident, concerned),
        "components": concerned,
    }
    written = getattr(incident, "postmortem", None)
    if written is not None and written.published_at is not None:
        told["postmortem"] = {
            "published_at": iso(written.published_at),
            "sections": [
                [str(title), getattr(written, name)]
                for name, title in SECTIONS.items()
                if getattr(written, name).strip()
            ],
        }
    if incident.is_maintenance:
        told |= {"scheduled_for": iso(incident.started_at), "scheduled_until": iso(incident.until)}
    return told


def _updates(incident: Incident, components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return its updates, newest first, each with what it changed for the components.

    All that it ever concerned are in each: since when it concerns one is not kept.
    """
    updates = list(incident.updates.all())
    befores = [*(update.status for update in updates[1:]), ""]

    def status(component: dict[str, Any], *, under: str) -> str:
        own = switchyard().components[component["id"]].impact
        return status_under(incident.impact, own=own) if under in HURTING else OPERATIONAL

    return [
        update_as_told(
            code=update.code,
            status=update.status,
            body=update.body,
            incident=incident.code,
            at=iso(update.at),
            affected=[
                change_of(each, before=status(each, under=before), after=status(each, under=update.status))
                for each in components
            ],
        )
        for update, before in zip(updates, befores, strict=False)
    ]


def iso(at: datetime | None) -> str | None:
    """Return a moment as Statuspage writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
