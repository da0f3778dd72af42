"""The draft of a postmortem, section by section: all of it from what was measured and what the audit has."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.amounts import count, count_units
from jobs.language import Words, listed
from jobs.models import HandScale, HoldEvent, HoldScope, Incident, JobEvent, SettingsVersion
from jobs.registry import UnknownKind, kind_named, unit_of
from jobs.status import impacts, sampling
from jobs.status.facts import titles_of
from jobs.status.impacts import Took, Waited
from jobs.status.samples import Sample
from jobs.status.timelines import entries, mean_seconds, worst_wait
from jobs.status.words import moment, seconds, short
from jobs.tallies import told_of_incidents

NO_ACTIONS = gettext_lazy(
    "Nobody changed anything while it lasted; what was done, the platform did by itself."
)
NO_CONTRIBUTORS = gettext_lazy("No kind of job took much longer than usual, as far as it was measured.")
NO_WAITS = gettext_lazy("No job of a school waited in these lanes; the platform's own measuring jobs did.")
TOLD_OF_JOBS = {
    "moved aside": gettext_lazy("a job was moved aside"),
    "stopped": gettext_lazy("a job was stopped"),
    "paused": gettext_lazy("a job was paused"),
}
"""What happened to jobs that is told, by what their events call it."""
HELD: Mapping[str, Mapping[str, Words]] = {
    HoldScope.LANE: {
        "paused": gettext_lazy("the lane {name} was paused"),
        "drained": gettext_lazy("the lane {name} was drained"),
        "lifted": gettext_lazy("the lane {name} was let go on"),
    },
    HoldScope.KIND: {
        "paused": gettext_lazy("the kind {name} was paused"),
        "drained": gettext_lazy("the kind {name} was drained"),
        "lifted": gettext_lazy("the kind {name} was let go on"),
    },
    HoldScope.SCHOOL: {
        "paused": gettext_lazy("a school was paused"),
        "drained": gettext_lazy("a school was drained"),
        "lifted": gettext_lazy("a school was let go on"),
    },
}
"""What was done to holds, by what they hold; no school is named."""


def summary(incident: Incident, *, since: datetime, until: datetime) -> str:
    """Return what it did to jobs, in figures."""
    first, last = timezone.localtime(since), timezone.localtime(until)
    titles = titles_of(incident.components)  # fewer, or none, where the settings have them no more
    opening = _("On {day}, from {start} to {end}, for {length}: {title}. It concerned: {concerned}.").format(
        day=date_format(first, "j F Y"),
        start=moment(first),
        end=moment(last),
        length=seconds((until - since).total_seconds()),
        title=incident.title,
        concerned=listed(titles) if titles else _("no part in particular"),
    )
    waits = [_wait(each) for each in impacts.waited(incident.lanes, since=since, until=until)]
    return "\n".join([opening, *(f"- {wait}" for wait in waits or [str(NO_WAITS)])])


def _wait(waited: Waited) -> str:
    median = seconds(waited.median_seconds)
    if waited.usual_seconds is not None:
        usual = seconds(waited.usual_seconds)
        median = _("{seconds} (usually {usual})").format(seconds=median, usual=usual)
    return _(
        "{kind}: {late} of {jobs:,} of {schools} waited longer than promised; half of all waited {median} or "
        "more, the longest {longest}."
    ).format(
        kind=_label(waited.kind),
        late=count(waited.late, "job"),
        jobs=waited.jobs,
        schools=count(waited.schools, "school"),
        median=median,
        longest=seconds(waited.longest_seconds),
    )


def timeline(incident: Incident, samples: Sequence[Sample]) -> str:
    """Return what the samples and updates say, in order of time."""
    told = [
        (
            entry.at,
            _("the lane {lane}: {says}; longest wait {length}").format(
                lane=entry.lane, says=entry.says, length=seconds(entry.wait_seconds)
            ),
        )
        for entry in entries(samples, incident.lanes)
    ]
    for lane in incident.lanes:
        worst = worst_wait(samples, lane)
        if worst is not None:
            words = _("the lane {lane}: its longest wait, {length}")
            told.append((worst[0], words.format(lane=lane, length=seconds(worst[1]))))
    words = _("told on the status page: {status}")
    told += [
        (update.at, words.format(status=update.get_status_display().lower()))
        for update in incident.updates.all()
    ]
    return "\n".join(f"- {_clock(at)} {says}" for at, says in sorted(told))


def contributors(incident: Incident, samples: Sequence[Sample], *, since: datetime, until: datetime) -> str:
    """Return what took longer than usual: kinds by the weight of their units, and calls to the outside."""
    took = impacts.took(incident.lanes, since=since, until=until)
    told = [_slower(each) for each in took if each.contributed] + _outside(samples, since=since)
    return "\n".join(f"- {each}" for each in told) or str(NO_CONTRIBUTORS)


def _slower(took: Took) -> str:
    usual = (
        _("{times:.1f} times the usual of {usual}").format(
            times=took.times, usual=short(took.usual_seconds or 0)
        )
        if took.times
        else _("of which nothing was known before")
    )
    return _("{kind}, {weight}: {units} at {seconds} each, {usual}.").format(
        kind=_label(took.kind),
        weight=took.weight,
        units=count_units(took.units, unit_of(took.kind)),
        seconds=short(took.unit_seconds),
        usual=usual,
    )


def _outside(samples: Sequence[Sample], *, since: datetime) -> list[str]:
    """Return what calls to the outside took meanwhile, against the day before."""
    if not samples:
        return []
    before = sampling.recent_one(at=since - timedelta(days=1), until=since)
    first, last = samples[0].seen, samples[-1].seen
    words, told = told_of_incidents(), []
    for what, numbers in sorted(last.items()):
        measure, *labels = what.split("/")
        then = mean_seconds(first.get(what), numbers)
        if then is None or measure not in words:
            continue
        usual = mean_seconds(before.seen.get(what) if before else None, first.get(what))
        says = _("{what}: {seconds} on average.")
        if usual is not None:
            says = _("{what}: {seconds} on average, usually {usual}.")
        told.append(says.format(what=words[measure](*labels), seconds=short(then), usual=short(usual or 0)))
    return told


def actions(incident: Incident, *, since: datetime, until: datetime) -> str:
    """Return what people and the platform did meanwhile, as the audit has it."""
    within = (since, until)
    changed = _("the settings were changed (version {number}): {why}")
    told = [
        (version.made_at, changed.format(number=version.number, why=version.why))
        for version in SettingsVersion.objects.filter(made_at__range=within)
    ]
    told += [(event.at, _held(event)) for event in HoldEvent.objects.filter(at__range=within)]
    given = _("the lane {lane} was given {workers}: {why}")
    told += [
        (scale.at, given.format(lane=scale.lane, workers=count(scale.workers, "worker"), why=scale.why))
        for scale in HandScale.objects.filter(at__range=within)
    ]
    moved = JobEvent.objects.filter(at__range=within, what__in=TOLD_OF_JOBS, job__lane__in=incident.lanes)
    told += [(event.at, str(TOLD_OF_JOBS[event.what])) for event in moved.order_by("at")[:20]]
    return "\n".join(f"- {_clock(at)} {says}." for at, says in sorted(told)) or str(NO_ACTIONS)


def _held(event: HoldEvent) -> str:
    return HELD[event.scope][event.what].format(name=event.name)


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"


def _label(kind: str) -> str:
    try:
        return str(kind_named(kind).label)
    except UnknownKind:
        return kind
