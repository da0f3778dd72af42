"""Postmortems: drafted from what was measured once an incident is over, then edited and published."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from jobs.models import Incident, IncidentImpact, IncidentStatus, Person, Postmortem
from jobs.status import advice, bodies, drafting, naming, sampling, snapshots

log = structlog.get_logger()

NEXT_STEPS = "next_steps"
LATELY = timedelta(days=7)


class ChangedMeanwhile(Exception):
    """Somebody saved other texts since the writer opened the page; `written` is what is kept now."""

    def __init__(self, written: Postmortem) -> None:
        """Say who it was, and that saving again puts the writer's own text in the place of theirs."""
        who = written.edited_by.name if written.edited_by else _("the platform itself")
        message = _(
            "{who} saved other texts since you opened this page. What you typed is still here, and what is "
            "kept now is below it. Saving again puts yours in its place."
        )
        super().__init__(message.format(who=who))
        self.written = written


class StillToWrite(Exception):
    """A line of the draft that asks to be replaced is still there; the message is a sentence."""


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


def save(
    incident: Incident,
    *,
    texts: Mapping[str, str],
    seen: str,
    by: Person,
    now: datetime,
    publish: bool,
    meant_otherwise: Collection[str] = (),
) -> None:
    """Keep what a person wrote, and publish it or take it back.

    `seen` is the `stand` of what was on the writer's page; empty when nothing was written then.

    Raises:
        ChangedMeanwhile: what is kept now is something else.
        StillToWrite: what is to be public has a line that asks to be replaced.
        NamesSomebody: what is to be public names a school or a person.
    """
    with transaction.atomic():
        Incident.objects.select_for_update().get(pk=incident.pk)  # two writers come one after the other
        written = Postmortem.objects.filter(incident=incident).select_related("edited_by").first()
        if written is not None and written.stand != seen:
            raise ChangedMeanwhile(written)
        written = written or Postmortem(incident=incident, drafted_at=now)
        for section in bodies.SECTIONS:
            setattr(written, section, texts[section])
        if publish:
            _require_written(texts[NEXT_STEPS])
            naming.require_nameless(*texts.values(), meant_otherwise=meant_otherwise)
        written.published_at = (written.published_at or now) if publish else None
        written.edited_at, written.edited_by = now, by
        written.save()
        snapshots.rewrite(now=now)


def _require_written(next_steps: str) -> None:
    if advice.is_unwritten(next_steps):
        message = _(
            "It still says “{line}”. Write that in its place, or take the line out, before it is published."
        )
        raise StillToWrite(message.format(line=advice.AT_LAST))
