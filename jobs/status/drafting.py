"""The draft of a postmortem, section by section: all of it from what was measured and what the audit has."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from jobs.amounts import count, count_units
from jobs.models import HandScale, HoldEvent, HoldScope, Incident, JobEvent, SettingsVersion
from jobs.registry import UnknownKind, kind_named, unit_of
from jobs.status import impacts, sampling
from jobs.status.facts import titles_of
from jobs.status.samples import BROKER, DATABASE, WORKERS, Sample
from jobs.status.timelines import entries, mean_seconds, worst_wait
from jobs.status.words import listed, moment, seconds
from jobs.tallies import told_of_incidents

NO_ACTIONS = "Nobody changed anything while it lasted; what was done, the platform did by itself."
NO_CONTRIBUTORS = "No kind of job took much longer than usual, as far as it was measured."
AT_LAST = "Write here what will be changed, by when."
NEXT_STEPS: Mapping[str, Sequence[str]] = {
    BROKER: (
        "Find out why the message broker did not answer: its log, its memory, its disk.",
        "Look whether it needs a second node.",
    ),
    WORKERS: (
        "Find out what ended the workers: the page of workers says how the last ones ended.",
        "Look whether the supervisor of their host ran, and whether the host had memory left.",
    ),
    DATABASE: (
        "Find out why the database did not answer: its log, its disk, its memory, its network.",
        "Look whether it needs a standby that takes over.",
    ),
    "service": (
        "Ask those who run the service what happened, and whether it may happen again.",
        "Look whether the limits towards the service fit what it takes.",
    ),
    "lane": (
        "Look whether the lane had enough workers for what was asked, and whether it may grow by itself.",
        "Look whether what took longer than usual should have a lane, or a slow companion, of its own.",
        "Look whether the promise of the lane is one that can be kept.",
    ),
}


def summary(incident: Incident, *, since: datetime, until: datetime) -> str:
    """Return what it did to jobs, in figures."""
    first, last = timezone.localtime(since), timezone.localtime(until)
    titles = titles_of(incident.components)  # fewer, or none, where the settings have them no more
    concerned = listed(titles) if titles else "no part in particular"
    span = seconds((until - since).total_seconds())
    opening = f"On {first:%-d %B %Y}, from {moment(first)} to {moment(last)}, for {span}: {incident.title}."
    told = [f"{opening} It concerned: {concerned}."]
    for each in impacts.waited(incident.lanes, since=since, until=until):
        usual = f" (usually {seconds(each.usual_seconds)})" if each.usual_seconds is not None else ""
        told.append(
            f"- {_label(each.kind)}: {count(each.late, 'job')} of {each.jobs:,} of "
            f"{count(each.schools, 'school')} waited longer than promised; half of all waited "
            f"{seconds(each.median_seconds)}{usual} or more, the longest {seconds(each.longest_seconds)}."
        )
    if len(told) == 1:
        told.append("- No job of a school waited in these lanes; the platform's own measuring jobs did.")
    return "\n".join(told)


def timeline(incident: Incident, samples: Sequence[Sample]) -> str:
    """Return what the samples and updates say, in order of time."""
    told = [
        (entry.at, f"the lane {entry.lane}: {entry.says}; longest wait {seconds(entry.wait_seconds)}")
        for entry in entries(samples, incident.lanes)
    ]
    for lane in incident.lanes:
        worst = worst_wait(samples, lane)
        if worst is not None:
            told.append((worst[0], f"the lane {lane}: its longest wait, {seconds(worst[1])}"))
    told += [
        (update.at, f"told on the status page: {update.get_status_display().lower()}")
        for update in incident.updates.all()
    ]
    return "\n".join(f"- {_clock(at)} {says}" for at, says in sorted(told))


def contributors(incident: Incident, samples: Sequence[Sample], *, since: datetime, until: datetime) -> str:
    """Return what took longer than usual: kinds by the weight of their units, and calls to the outside."""
    told = []
    for each in impacts.took(incident.lanes, since=since, until=until):
        if each.contributed:
            usual = (
                f"{each.times:.1f} times the usual of {each.usual_seconds:.3g} s"
                if each.times
                else "of which nothing was known before"
            )
            units = count_units(each.units, unit_of(each.kind))
            told.append(
                f"- {_label(each.kind)}, {each.weight}: {units} at {each.unit_seconds:.3g} s each, {usual}."
            )
    told += _outside(samples, since=since)
    return "\n".join(told) or NO_CONTRIBUTORS


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
        name = words[measure].format(*[label.replace("_", " ") for label in labels])
        against = f", usually {usual:.3g} s" if usual is not None else ""
        told.append(f"- {name}: {then:.3g} s on average{against}.")
    return told


def actions(incident: Incident, *, since: datetime, until: datetime) -> str:
    """Return what people and the platform did meanwhile, as the audit has it."""
    within = (since, until)
    told = [
        (version.made_at, f"the settings were changed (version {version.number}): {version.why}")
        for version in SettingsVersion.objects.filter(made_at__range=within)
    ]
    told += [
        (
            event.at,
            f"{_held(event)} was {event.what}",
        )
        for event in HoldEvent.objects.filter(at__range=within)
    ]
    told += [
        (scale.at, f"the lane {scale.lane} was given {count(scale.workers, 'worker')}: {scale.why}")
        for scale in HandScale.objects.filter(at__range=within)
    ]
    moved = JobEvent.objects.filter(
        at__range=within, what__in=("moved aside", "stopped", "paused"), job__lane__in=incident.lanes
    )
    told += [(event.at, f"a job was {event.what}") for event in moved.order_by("at")[:20]]
    return "\n".join(f"- {_clock(at)} {says}." for at, says in sorted(told)) or NO_ACTIONS


def next_steps(cause: str) -> str:
    """Return what may follow, for a person to choose from."""
    steps = [*NEXT_STEPS.get(cause.partition(":")[0], ()), AT_LAST]
    return "\n".join(f"- {step}" for step in steps)


def _held(event: HoldEvent) -> str:
    return "a school" if event.scope == HoldScope.SCHOOL else f"the {event.scope} {event.name}"


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"


def _label(kind: str) -> str:
    try:
        return str(kind_named(kind).label)
    except UnknownKind:
        return kind
