"""The public status page: what goes on now, what was, one incident."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.status import current
from jobs.status.honesty import Told
from jobs.status_pages.public import public
from jobs.status_pages.reading import with_moments

LATELY = timedelta(days=14)
STATUS_WORDS = {
    "operational": _("Works"),
    "degraded_performance": _("Slower than promised"),
    "partial_outage": _("Partly out of order"),
    "major_outage": _("Out of order"),
    "under_maintenance": _("Paused for maintenance"),
}
BADGES = {
    "operational": "done",
    "degraded_performance": "problems",
    "partial_outage": "problems",
    "major_outage": "failed",
    "under_maintenance": "paused",
}
HEADLINES = {
    "none": _("Everything works as promised"),
    "minor": _("Some work is slower than promised"),
    "major": _("Some of the platform is out of order"),
    "critical": _("The platform has serious trouble"),
}
UNKNOWN = _("How the platform does is not known now")
NOT_KNOWN = _("Not known now")
"""The state of a part that worked when somebody looked last."""
PAUSED = _("Some of the platform is paused for maintenance")


@public
def show_status(_request: HttpRequest) -> HttpResponse:
    """Show how each component does, what is wrong now, and what was lately."""
    return _page("jobs/status/page.html", _now())


@public
def show_now(_request: HttpRequest) -> HttpResponse:
    """Refresh what the status page shows."""
    return _page("jobs/status/now.html", _now())


def _now() -> dict[str, Any]:
    told = current.told(now=timezone.now())
    since = (timezone.now() - LATELY).date()
    incidents = with_moments(told.body["incidents"])
    over = [each for each in incidents if each["status"] == "resolved"]
    return {
        **_common(told),
        "headline": _headline(told),
        "components": _components(told),
        "unresolved": [each for each in incidents if each["status"] != "resolved"],
        "resolved": [each for each in over if each["resolved_at"].date() >= since],
        "planned": [
            each for each in with_moments(told.body["maintenances"]) if each["status"] != "completed"
        ],
    }


@public
def show_history(_request: HttpRequest) -> HttpResponse:
    """Show the newest fifty incidents, and maintenances."""
    told = current.told(now=timezone.now())
    everything = [*with_moments(told.body["incidents"]), *with_moments(told.body["maintenances"])]
    everything.sort(key=lambda each: each["started_at"], reverse=True)
    return _page("jobs/status/history.html", {**_common(told), "incidents": everything})


@public
def show_incident(_request: HttpRequest, code: str) -> HttpResponse:
    """Show one incident or maintenance with all that was told of it."""
    told = current.told(now=timezone.now())
    everything = [*told.body["incidents"], *told.body["maintenances"]]
    found = [each for each in everything if each["id"] == code]
    if not found:
        return _page("jobs/status/missing.html", _common(told), status=404)
    return _page("jobs/status/incident.html", {**_common(told), "incident": with_moments(found)[0]})


def _page(template: str, shown: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Render without the request: who is signed in stands in the database."""
    return HttpResponse(render_to_string(template, dict(shown)), status=status)


def _common(told: Told) -> dict[str, Any]:
    return {"told": told, "indicator": told.indicator, "address": reverse("status:page")}


def _headline(told: Told) -> str:
    if told.description == "Status Unknown":
        return str(UNKNOWN)
    paused = [each for each in told.body["components"] if each["status"] == "under_maintenance"]
    return str(PAUSED if told.indicator == "none" and paused else HEADLINES[told.indicator])


def _components(told: Told) -> list[dict[str, Any]]:
    return [_component(each, told=told) for each in told.body["components"]]


def _component(component: Mapping[str, Any], *, told: Told) -> dict[str, Any]:
    status = component["status"]
    if status == "operational" and not told.is_known:
        shown = {"words": NOT_KNOWN, "badge": "waiting"}
    else:
        shown = {"words": STATUS_WORDS[status], "badge": BADGES[status]}
    is_now = told.is_reachable and told.is_known
    return {**component, **shown, "figures": told.body["figures"].get(component["id"]) if is_now else None}
