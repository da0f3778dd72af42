"""Watching how fast jobs get on: who is far slower than usual moves aside, who is normal again moves back.

Usual is what other jobs of the kind took for as many units and megabytes. For work heavier than any that is
known, such as the first mailing with attachments, nobody can tell: a megabyte of it is taken to cost what the
settings assume. So its weight alone does not make it slow, and it may not take whatever it likes either.
Where an outside service is slow for all that goes to it, nobody moves, unless that helps other work.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from jobs import appraising, capacities, moving, sightings, slowness, widespread
from jobs.experience import Experience
from jobs.looks import Look, looks_at
from jobs.models import Cost, Detour, Job, Pace
from jobs.registry import unit_of
from jobs.settings import switchyard
from jobs.sightings import Watcher
from jobs.slowness import Seen

KNOWN_UNITS, KNOWN_SECONDS = 20, 5.0
"""What was known of a job's pace weighs as much as so many new units, or so many expected seconds of them."""

MOST_SUSPECTS = 20
"""Jobs that one look judges: each beside what all others of its kind cost."""
SUSPECT_TIMES = 1.5

PROVING_UNITS = 20
"""A job aside that does too little at a time to be judged by that, as under a limit, is judged by so many of
its newest units since the move: the quicker it is, the fewer seconds of work it shows at once."""

_watcher = Watcher()


def watch(*, now: datetime, watcher: Watcher = _watcher) -> int:
    """Note the pace of the jobs at work, move those that are slow or normal again; return how many moved."""
    looks = looks_at(watcher.look(now=now))
    if not looks:
        return 0
    _note_paces(looks, now=now)
    detours = Detour.objects.in_bulk([look.job.pk for look in looks])
    candidates = list(_that_can_be_judged(looks, detours))
    experiences = _experiences({look.job.kind for look in candidates})
    suspects = [(look, _fair(look, experiences)) for look in _suspects(candidates, experiences, detours)]
    _note_detours(suspects, detours, now=now)
    blameless = _blameless(looks, {look.job.pk: seen for look, seen in suspects})
    return sum(
        _judge(look, seen, detour=detours.get(look.job.pk), blameless=blameless, now=now)
        for look, seen in suspects
    )


def _note_paces(looks: list[Look], *, now: datetime) -> None:
    before = dict(Pace.objects.filter(job__in=[look.job.pk for look in looks]).values_list("job_id", "times"))
    paces = []
    for look in looks:
        known = before.get(look.job.pk, look.cost.lately)
        seen = look.seen
        weight = min(KNOWN_SECONDS, KNOWN_UNITS * seen.unit_seconds)
        times = (seen.seconds + weight * known) / (seen.expected_seconds + weight)
        paces.append(Pace(job=look.job, times=times, seen_at=now))
    with transaction.atomic():
        Pace.objects.bulk_create(
            paces, update_conflicts=True, unique_fields=["job"], update_fields=["times", "seen_at"]
        )


def _that_can_be_judged(looks: Iterable[Look], detours: Mapping[int, Detour]) -> Iterator[Look]:
    """Yield the looks of jobs of which enough is known and seen, and something is left that could move."""
    limits = switchyard().slowness
    known = [look for look in looks if look.cost.units >= limits.units and look.has_more]
    yield from (look for look in known if look.seen.seconds >= limits.seconds)
    short = [look for look in known if look.seen.seconds < limits.seconds]
    since = {
        look.job.pk: (detour.lane, detour.moved_at)
        for look in short
        if (detour := detours.get(look.job.pk)) is not None and detour.is_aside
    }
    longer = sightings.newest_units(since, units=PROVING_UNITS) if since else {}
    for look in short:
        sighting = longer.get(look.job.pk)
        if sighting is not None and sighting.units >= PROVING_UNITS:
            whole = replace(look, sighting=replace(sighting, silent=look.sighting.silent))
            # What it did just now counts too: one that has turned slow this moment does not go back.
            yield max(look, whole, key=lambda each: each.seen.times)


def _experiences(kinds: Collection[str]) -> Mapping[str, Experience]:
    known = Cost.objects.in_bulk(list(kinds)) if kinds else {}
    return {kind: Experience.of_json(cost.experience) for kind, cost in known.items()}


def _suspects(
    looks: Iterable[Look], experiences: Mapping[str, Experience], detours: Mapping[int, Detour]
) -> list[Look]:
    """Return whom to judge: who seems slow or was moved before, then who may be their own measure."""
    openly, hidden = [], []
    for look in looks:
        if look.seen.times >= SUSPECT_TIMES or look.job.pk in detours:
            openly.append(look)
        elif experiences[look.job.kind].has_learned_from(look.job.pk):
            hidden.append(look)
    return [*openly, *hidden][:MOST_SUSPECTS]


def _fair(look: Look, experiences: Mapping[str, Experience]) -> Seen:
    """Return what was seen beside the usual of other jobs: a slow one must not be taken for usual itself."""
    usual = experiences[look.job.kind].cost_without(look.job.pk, least_units=switchyard().slowness.units)
    return look.beside(appraising.with_assumption(usual)) if usual else look.seen


def _blameless(looks: Iterable[Look], judged: Mapping[int, Seen]) -> set[str]:
    """Return the outside services that are slow for all jobs that were seen to do something there."""
    limits = switchyard().slowness
    known = [(look, judged.get(look.job.pk, look.seen)) for look in looks if look.cost.units >= limits.units]
    return widespread.slow_for_all(
        (capacities.service_of(look.job), seen.times >= limits.times)
        for look, seen in known
        if look.sighting.units or seen.times >= limits.times  # who has reported nothing yet is neither
    )


def _note_detours(
    suspects: Iterable[tuple[Look, Seen]], detours: Mapping[int, Detour], *, now: datetime
) -> None:
    """Write down what is seen of jobs that were moved before, for pages to tell beside why they were."""
    noted = []
    for look, seen in suspects:
        if detour := detours.get(look.job.pk):
            detour.lately, detour.seen_at = slowness.as_seen(seen, unit=unit_of(look.job.kind)), now
            noted.append(detour)
    Detour.objects.bulk_update(noted, ["lately", "seen_at"])


def _judge(
    look: Look, seen: Seen, *, detour: Detour | None, blameless: Collection[str], now: datetime
) -> bool:
    """Move the job if it must move, and say whether it did."""
    slow_times = switchyard().slowness.times
    if detour is not None and detour.is_aside:
        return _bring_back(look.job, seen, detour, slow_times=slow_times, now=now)
    lane = switchyard().lanes.get(look.job.lane)
    if seen.times < slow_times or lane is None or lane.slow_companion is None:
        return False
    service = capacities.service_of(look.job)
    if service in blameless and not widespread.others_wait(lane=look.job.lane, service=service):
        return False
    to = lane.slow_companion
    why = slowness.why_aside(seen, unit=unit_of(look.job.kind), home=look.job.lane, lane=to)
    return moving.move_aside(look.job, to=to, why=why, now=now)


def _bring_back(job: Job, seen: Seen, detour: Detour, *, slow_times: float, now: datetime) -> bool:
    aside_for = now - detour.moved_at
    if not slowness.is_normal_again(seen, slow_times=slow_times, aside_for=aside_for, moves=detour.moves):
        return False
    try:
        moving.move_back(job, by=None, why=slowness.why_back(seen, home=detour.home), now=now)
    except moving.CannotMove:
        return False
    return True
