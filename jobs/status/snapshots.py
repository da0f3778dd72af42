"""Making the snapshot that the status page and what programs read of it consist of.

Its body has the components, incidents and maintenances in the shape of Statuspage's public API (version 2,
https://www.atlassian.com/software/statuspage; see any page's `/api`), and `figures` and `changed_at` besides.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from jobs.models import Incident, IncidentImpact, StatusSnapshot
from jobs.settings import switchyard
from jobs.status import keeping, sampling
from jobs.status.bodies import HURTING, as_told, iso
from jobs.status.keeping import Snapshot
from jobs.status.samples import Sample
from jobs.status.showing import OPERATIONAL, PAGE_ID, UNDER_MAINTENANCE, status_of_components

log = structlog.get_logger()

SHOWN = 50
"""The newest incidents that are shown, as many as Statuspage shows."""
Body = dict[str, Any]


def write(sample: Sample, *, now: datetime) -> Snapshot:
    """Write the snapshot as of `sample`, in the caller's transaction; the file here follows its commit."""
    before = StatusSnapshot.objects.filter(pk=1).values_list("body", flat=True).first() or {}
    snapshot = Snapshot(at=sample.at, body=build(sample, before=before, now=now))
    row = StatusSnapshot(at=snapshot.at, body=snapshot.body)
    StatusSnapshot.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["at", "body"]
    )
    transaction.on_commit(lambda: _keep(snapshot))
    return snapshot


def rewrite(*, now: datetime) -> None:
    """Write the newest snapshot anew, after a person changed what it tells; nothing before the first look."""
    newest = sampling.newest()
    if newest is not None:
        write(newest, now=now)


def build(sample: Sample, *, before: Mapping[str, Any], now: datetime) -> Body:
    """Return the body as of `sample`; the body `before` tells since when things are as they are."""
    shown = _newest_and_open(Incident.objects.exclude(impact=IncidentImpact.MAINTENANCE))
    planned = _newest_and_open(Incident.objects.filter(impact=IncidentImpact.MAINTENANCE))
    components = _components(sample, [*shown, *planned], before=before)
    by_id = {component["id"]: component for component in components}
    body: Body = {
        "components": components,
        "incidents": [as_told(each, by_id) for each in shown],
        "maintenances": [as_told(each, by_id) for each in planned],
    }
    is_same = all(before.get(name) == value for name, value in body.items())
    body["changed_at"] = before["changed_at"] if is_same and "changed_at" in before else iso(now)
    body["figures"] = _figures(sample)
    return body


def _newest_and_open(incidents: QuerySet[Incident]) -> list[Incident]:
    """Return the newest ones, and whatever is open, however many newer ones are over."""
    found = incidents.prefetch_related("updates").select_related("postmortem")
    newest = list(found[:SHOWN])
    return [*newest, *found.filter(ended_at=None).exclude(pk__in=[each.pk for each in newest])]


def _components(
    sample: Sample, incidents: list[Incident], *, before: Mapping[str, Any]
) -> list[dict[str, Any]]:
    known = {each["id"]: each for each in before.get("components", [])}
    ours = switchyard().components
    concerned = [
        (name, incident.impact)
        for incident in incidents
        if incident.status in HURTING
        for name in incident.components
    ]
    statuses = status_of_components({each.name: each.impact for each in ours.values()}, concerned=concerned)
    for each in ours.values():
        is_held = any(sample.lanes[lane].is_held for lane in each.lanes if lane in sample.lanes)
        if is_held and statuses[each.name] == OPERATIONAL:
            statuses[each.name] = UNDER_MAINTENANCE
    made = []
    for position, each in enumerate(ours.values(), start=1):
        old = known.get(each.name, {})
        status, now = statuses[each.name], iso(sample.at)
        made.append(
            {
                "id": each.name,
                "name": each.title,
                "status": status,
                "created_at": old.get("created_at", now),
                "updated_at": old["updated_at"] if old.get("status") == status else now,
                "position": position,
                "description": each.says or None,
                "showcase": True,
                "start_date": None,
                "group_id": None,
                "page_id": PAGE_ID,
                "group": False,
                "only_show_if_degraded": False,
            }
        )
    return made


def _figures(sample: Sample) -> dict[str, dict[str, float]]:
    """Return by component the longest wait now and the promise, of its first lane or of one that is late."""
    lanes, found = switchyard().lanes, {}
    for each in switchyard().components.values():
        there = [lane for lane in each.lanes if lane in sample.lanes and lane in lanes]
        if there:
            shown = next((lane for lane in there if sample.lanes[lane].is_late), there[0])
            found[each.name] = {
                "wait_seconds": round(sample.lanes[shown].wait_seconds, 1),
                "promise_seconds": lanes[shown].promise_seconds,
            }
    return found


def _keep(snapshot: Snapshot) -> None:
    """Keep the file; that it cannot be written stops nobody: web processes fetch the row."""
    with suppress(OSError):
        keeping.write(snapshot, folder=Path(settings.STATUS_FOLDER))
        return
    log.warning("snapshot_not_kept", folder=str(settings.STATUS_FOLDER))
