"""Incidents that open, are told of and close by themselves, from the samples alone.

One look is one transaction: a supervisor that dies within it has changed nothing, and the next one decides
from the same samples. Two at once cannot open the same incident: an open one is unique by its cause.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from jobs.components import StatusPage
from jobs.language import listed
from jobs.models import Incident, IncidentStatus
from jobs.settings import switchyard
from jobs.status import maintenances, sampling, snapshots, words
from jobs.status.facts import components_of, facts_of, impact_of, titles_of
from jobs.status.opening import Known, Limits, Trouble, is_unknown, next_status, troubled_lanes, troubles
from jobs.status.samples import Sample, in_a_row
from jobs.status.showing import worst
from jobs.status.telling import tell
from jobs.status.words import Fact

log = structlog.get_logger()

HICCUP_LOOKS = 3
"""After a pause of so many looks nothing is known of the time before."""


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What is decided by."""

    row: Sequence[Sample]
    """Samples without gaps, oldest first."""
    limits: Limits
    settings: StatusPage

    @property
    def now(self) -> datetime:
        return self.row[-1].at


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What a look found of an incident that is open."""

    change: str
    """What became known, as a sentence; empty when nothing did."""
    found: Sequence[Trouble]
    facts: Sequence[Fact]


@transaction.atomic
def look(*, now: datetime) -> None:
    """Take a sample, and open, tell of and close incidents by it."""
    sampling.take(now=now)
    judge(now=now)


@transaction.atomic
def judge(*, now: datetime) -> None:
    """Open, tell of and close incidents by the samples up to `now`, and write what the page shows."""
    settings = switchyard().status
    limits = Limits(
        late_samples=settings.late_samples,
        gone=timedelta(seconds=settings.gone_seconds),
        calm=timedelta(seconds=settings.calm_seconds),
    )
    pause = timedelta(seconds=settings.sample_seconds)
    back = max(limits.calm, limits.gone, settings.late_samples * pause) + HICCUP_LOOKS * pause
    row = in_a_row(sampling.recent(since=now - back, until=now), pause=HICCUP_LOOKS * pause)
    if row:
        maintenances.move_on(now=now)
        _judge(_Look(row=row, limits=limits, settings=settings))
        snapshots.write(row[-1], now=now)


def _judge(look: _Look) -> None:
    shown = {lane for component in switchyard().components.values() for lane in component.lanes}
    found = troubled_lanes(look.row, limits=look.limits)
    troubled = {lane: cause for lane, cause in found.items() if lane in shown}
    open_ones = list(
        Incident.objects.select_for_update().filter(ended_at=None).exclude(cause="").order_by("id")
    )
    known = [Known(id=each.pk, cause=each.cause, lanes=frozenset(each.lanes)) for each in open_ones]
    by_incident: defaultdict[int, list[Trouble]] = defaultdict(list)
    for trouble in troubles(troubled, known=known):
        if trouble.incident is None:
            _open(trouble, look=look)
        else:
            by_incident[trouble.incident].append(trouble)
    for incident in open_ones:
        _go_on(incident, by_incident[incident.pk], troubled=troubled.keys(), look=look)


def _open(trouble: Trouble, *, look: _Look) -> None:
    _, facts, started_at = _seen(trouble, look=look)
    components = components_of(trouble.lanes)
    incident = Incident.objects.create(
        title=words.title_of(trouble.cause, titles_of(components)),
        status=IncidentStatus.INVESTIGATING if is_unknown(trouble.cause) else IncidentStatus.IDENTIFIED,
        impact=impact_of(components),
        components=components,
        lanes=sorted(trouble.lanes),
        cause=trouble.cause,
        started_at=started_at,
        opened_at=look.now,
        updated_at=look.now,
        worst_seconds=max((fact.wait_seconds for fact in facts), default=0.0),
    )
    body = words.told_of_opening(trouble.cause, facts, since=started_at)
    tell(incident, body=body, now=look.now)
    log.warning("incident_opened", incident=incident.code, cause=incident.cause, impact=incident.impact)


def _seen(trouble: Trouble, *, look: _Look) -> tuple[str, Sequence[Fact], datetime]:
    """Return the cause of a trouble, the figures of its lanes, and since when it is there."""
    since = min(_bad_since(look.row, lane) for lane in trouble.lanes)
    return trouble.cause, facts_of(trouble.lanes, sample=look.row[-1]), timezone.localtime(since)


def _begin_again(incident: Incident, found: Sequence[Trouble]) -> None:
    """Let an incident that was watched be of the cause that is seen now: that of before was over."""
    if all(trouble.cause != incident.cause for trouble in found):
        incident.cause = found[0].cause
        incident.title = words.title_of(incident.cause, titles_of(components_of(found[0].lanes)))


def _go_on(incident: Incident, found: Sequence[Trouble], *, troubled: Collection[str], look: _Look) -> None:
    before, was_watched = incident.status, incident.status == IncidentStatus.MONITORING
    # While it is watched, what another incident tells of is none of its own.
    ours = set() if was_watched else set(incident.lanes) & set(troubled)
    change = " ".join(filter(None, (_adopt(incident, trouble) for trouble in found)))
    if was_watched and found:
        _begin_again(incident, found)
    still = ours.union(*(trouble.lanes for trouble in found))
    facts = facts_of(still or incident.lanes, sample=look.row[-1])
    worst_now = max([incident.worst_seconds, *(fact.wait_seconds for fact in facts if still)])
    incident.worst_seconds = worst_now
    incident.status, calm_at = next_status(
        before,
        is_known=not is_unknown(incident.cause),
        is_troubled=bool(still),
        row=look.row,
        lanes=frozenset(incident.lanes),
        limits=look.limits,
    )
    if incident.status in (IncidentStatus.MONITORING, IncidentStatus.RESOLVED):
        incident.monitoring_at = calm_at or incident.monitoring_at
    else:
        incident.monitoring_at = None
    if incident.status == IncidentStatus.RESOLVED:
        incident.ended_at = look.now
    incident.save()
    body = _body(incident, before=before, told=_Told(change=change, found=found, facts=facts), look=look)
    if body:
        tell(incident, body=body, now=look.now)
        log.info("incident_told", incident=incident.code, status=incident.status)


def _body(incident: Incident, *, before: str, told: _Told, look: _Look) -> str:
    """Return what is to be told now; empty when there is nothing new yet."""
    facts, found, change = told.facts, told.found, told.change
    since = timezone.localtime(incident.started_at)
    if incident.monitoring_at is not None:
        calm_at = timezone.localtime(incident.monitoring_at)
        return _good_news(incident, before=before, since=since, calm_at=calm_at, look=look)
    if before == IncidentStatus.MONITORING:
        return words.told_of_relapse([_seen(trouble, look=look) for trouble in found]) if found else ""
    if change:
        return words.told_of_change(incident.cause, facts, change=change)
    is_due = look.now - incident.updated_at >= timedelta(minutes=look.settings.update_minutes)
    return words.told_of_no_change(facts, since=since, now=look.now) if is_due else ""


def _good_news(incident: Incident, *, before: str, since: datetime, calm_at: datetime, look: _Look) -> str:
    if incident.is_over:
        return words.told_of_end(started=since, calm=calm_at, worst_seconds=incident.worst_seconds)
    if before == IncidentStatus.MONITORING:
        return ""
    everywhere = facts_of(incident.lanes, sample=look.row[-1])
    return words.told_of_calm(everywhere, since=calm_at, calm=look.limits.calm)


def _adopt(incident: Incident, trouble: Trouble) -> str:
    """Take over what `trouble` knows, and return what is new as a sentence; empty when nothing is."""
    told = []
    if trouble.cause != incident.cause and not (is_unknown(trouble.cause) and not is_unknown(incident.cause)):
        incident.cause = trouble.cause
        told.append(words.told_of_cause(trouble.cause))
    incident.lanes = sorted({*incident.lanes, *trouble.lanes})
    components = components_of(incident.lanes)
    added = [name for name in components if name not in incident.components]
    if added:
        told.append(gettext("It concerns more now: {words}.").format(words=listed(titles_of(added))))
    incident.components = [*incident.components, *added]
    if told:
        incident.title = words.title_of(incident.cause, titles_of(incident.components))
        incident.impact = worst([incident.impact, impact_of(incident.components)])
    return " ".join(told)


def _bad_since(row: Sequence[Sample], lane: str) -> datetime:
    """Return since when `lane` has been in trouble, with the wait that broke the promise first."""
    since = row[-1].at
    for sample in reversed(row):
        if not sample.is_bad(lane):
            break
        since = sample.at
    first = next(sample for sample in row if sample.at == since)
    there = first.lanes[lane]
    promise = switchyard().lanes[lane].promise_seconds if lane in switchyard().lanes else 0.0
    return since - timedelta(seconds=max(0.0, there.wait_seconds - promise)) if there.is_late else since
