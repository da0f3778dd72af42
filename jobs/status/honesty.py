"""What the status page says of itself: how old it is, and that the platform cannot be reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.amounts import length
from jobs.language import gettext as _
from jobs.status.keeping import Snapshot
from jobs.status.showing import PAGE_ID, UNREACHABLE, change_of, describe, indicator_of, update_as_told

OUT = "major_outage"
"""The status of every component while the database is away."""

FRESH = timedelta(seconds=60)
"""Looks are seconds apart: when none came for this long, nobody looks."""
UNREACHABLE_AFTER = timedelta(seconds=5)
"""For how long the database may be away, as it is while it restarts, before that is an incident."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the status page tells now."""

    body: Mapping[str, Any]
    at: datetime | None
    """When it was looked at last; None where nothing is known."""
    is_reachable: bool
    """Whether the database answers."""
    is_known: bool
    """Whether it says how things are now: somebody looked a moment ago, or the database is away."""
    notice: str
    """What is to be known of all that; empty while it is fresh."""
    indicator: str
    description: str

    @property
    def unresolved(self) -> list[Mapping[str, Any]]:
        """The incidents that are not over."""
        return [each for each in self.body["incidents"] if each["status"] != "resolved"]


EMPTY: Mapping[str, Any] = {"components": [], "incidents": [], "maintenances": [], "figures": {}}


def tell(snapshot: Snapshot | None, *, now: datetime, unreachable_since: datetime | None) -> Told:
    """Return what is to be shown of `snapshot` at `now`; the database may be away since a moment."""
    body = snapshot.body if snapshot else {**EMPTY, "changed_at": _iso(now)}
    at = snapshot.at if snapshot else None
    is_away = unreachable_since is not None and now - unreachable_since >= UNREACHABLE_AFTER
    if is_away and unreachable_since is not None:
        body = _with_outage(body, since=unreachable_since)
    statuses = [component["status"] for component in body["components"]]
    indicator = "critical" if is_away else indicator_of(statuses)
    description = describe(indicator, statuses=statuses)
    is_old = at is None or now - at > FRESH
    if is_old and not is_away:
        indicator = "minor" if indicator == "none" else indicator
        description = "Status Unknown" if indicator == "minor" else description
    return Told(
        body=body,
        at=at,
        is_reachable=unreachable_since is None,
        is_known=is_away or not is_old,
        notice=_notice(at, now=now, is_old=is_old, is_away=unreachable_since is not None),
        indicator=indicator,
        description=description,
    )


def _notice(at: datetime | None, *, now: datetime, is_old: bool, is_away: bool) -> str:
    age = (
        _("What this page shows is {length} old.").format(length=length(now - at))
        if at
        else _("Nothing is known of the time before.")
    )
    if is_away:
        return _(
            "The platform's database cannot be reached now, so nothing can be asked for and nothing "
            "goes on. What was asked for before is kept and goes on once it is back. {age}"
        ).format(age=age)
    if is_old:
        return _(
            "Nobody looks at the platform's lanes at this moment. {age} Work may go on all the same."
        ).format(age=age)
    return ""


def _with_outage(body: Mapping[str, Any], *, since: datetime) -> dict[str, Any]:
    at = _iso(since)
    components = [{**component, "status": OUT, "updated_at": at} for component in body["components"]]
    update = update_as_told(
        code=f"{UNREACHABLE}-1",
        status="investigating",
        body=_(
            "The platform's database does not answer, so its pages and jobs stand still. "
            "What was asked for is kept, and goes on once it is back."
        ),
        incident=UNREACHABLE,
        at=at,
        affected=[change_of(each, before=each["status"], after=OUT) for each in body["components"]],
    )
    outage = {
        "id": UNREACHABLE,
        "name": _("The platform cannot be reached"),
        "status": "investigating",
        "created_at": at,
        "updated_at": at,
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "critical",
        "started_at": at,
        "page_id": PAGE_ID,
        "incident_updates": [update],
        "components": components,
    }
    return {
        **body,
        "components": components,
        "incidents": [outage, *body["incidents"]],
        "changed_at": at,
    }


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
