"""Postmortems: drafted from what was measured once an incident is over, then edited and published."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from jobs.models import Incident, IncidentImpact, IncidentStatus, Person, Postmortem
from jobs.status import advice, bodies, drafting, naming, sampling, snapshots

log = structlog.get_logger()

LATELY = timedelta(days=7)


def draft_missing(*, now: datetime) -> int:
    """Draft what is missing for incidents that are over since lately; return how many."""
    over = Incident.objects.filter(
        status=IncidentStatus.RESOLVED, ended_at__gte=now - LATELY, postmortem=None
    )
    drafted = [draft(incident, now=now) for incident in over.exclude(impact=IncidentImpact.MAINTENANCE)[:5]]
    return len(drafted)


def draft(incident: Incident, *, now: datetime) -> Postmortem:
    """Draft the postmortem of `incident` from what was measured, unless there is one."""
    since, until = incident.started_at, incident.monitoring_at or incident.ended_at or now
    samples = sampling.recent(since=since - timedelta(minutes=1), until=until)
    drafted, is_new = Postmortem.objects.get_or_create(
        incident=incident,
        defaults={
            "drafted_at": now,
            "summary": drafting.summary(incident, since=since, until=until),
            "timeline": drafting.timeline(incident, samples),
            "contributors": drafting.contributors(incident, samples, since=since, until=until),
            "actions": drafting.actions(incident, since=since, until=until),
            "next_steps": advice.next_steps(incident.cause),
        },
    )
    if is_new:
        log.info("postmortem_drafted", incident=incident.code)
    return drafted


def save(incident: Incident, *, texts: Mapping[str, str], by: Person, now: datetime, publish: bool) -> None:
    """Keep what a person wrote, and publish it or take it back.

    Raises:
        NamesSomebody: what is to be public names a school or a person.
    """
    with transaction.atomic():
        written, _ = Postmortem.objects.get_or_create(incident=incident, defaults={"drafted_at": now})
        for section in bodies.SECTIONS:
            setattr(written, section, texts[section])
        if publish:
            naming.require_nameless(*texts.values())
        written.published_at = (written.published_at or now) if publish else None
        written.edited_at, written.edited_by = now, by
        written.save()
        snapshots.rewrite(now=now)
