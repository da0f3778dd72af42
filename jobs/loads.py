"""What lanes have to do now, and how many workers their limits can keep busy with that."""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Min, QuerySet, Sum

from jobs import usefulness
from jobs.claimable import claimable
from jobs.lanes import Lane
from jobs.models import Breaker, BreakerState, Part, PartState, School, Step
from jobs.outside import HANGS_ON
from jobs.scaling import Load
from jobs.settings import switchyard
from jobs.usefulness import LATELY_SECONDS, MOST_DONE, NOTHING_WAITS, Amount, Key, Work

GLANCE = """
SELECT lane.name,
    EXISTS (SELECT 1 FROM jobs_part part WHERE part.lane = lane.name AND part.state = 'waiting'),
    at_work.parts, coalesce(at_work.hangs_on, '')
FROM unnest(%(lanes)s::text[]) AS lane(name)
CROSS JOIN LATERAL (
    SELECT count(*) AS parts, HANGS_ON AS hangs_on
    FROM jobs_part WHERE lane = lane.name AND state = 'working'
) at_work
""".replace("HANGS_ON", HANGS_ON)


def loads_of(lanes: Mapping[str, Lane], *, now: datetime) -> dict[str, Load]:
    """Return by name what `lanes` have to do at `now`; one query where nothing waits."""
    with connection.cursor() as cursor:
        cursor.execute(GLANCE, {"lanes": list(lanes)})
        seen = cursor.fetchall()
    return {
        name: _load(lanes[name], working=working, hangs=bool(hangs_on), now=now)
        if has_waiting
        else _quiet(lanes[name], working=working)
        for name, has_waiting, working, hangs_on in seen
    }


def _quiet(lane: Lane, *, working: int) -> Load:
    return NOTHING_WAITS.load(lane=lane, at_work=_workers(working, lane=lane), oldest_seconds=0)


def _load(lane: Lane, *, working: int, hangs: bool, now: datetime) -> Load:
    """Return what the lane has to do; where all that is at work hangs, others would hang beside it."""
    waiting, oldest_at = _waiting(lane, now=now)
    work = Work(
        waiting=waiting,
        working=_working(lane),
        done=_done_lately(lane, now=now),
        overdue=_overdue(lane),
    )
    at_work = _workers(working, lane=lane)
    return work.load(
        lane=lane,
        at_work=at_work,
        oldest_seconds=(now - oldest_at).total_seconds(),
        most_useful=at_work if hangs else _most_useful(work, lane=lane),
    )


def _workers(parts: int, *, lane: Lane) -> int:
    """Return how many workers have so many parts in hand; one has as many as a doorbell claims."""
    return math.ceil(parts / lane.claim_parts)


def _waiting(lane: Lane, *, now: datetime) -> tuple[dict[Key, Amount], datetime]:
    """Return what could be claimed, and since when the oldest of it waits.

    Where a service is not asked now, what goes there does not count: each part is put aside
    as soon as it is claimed.
    """
    parts = claimable(lane=lane, now=now).exclude(service__in=_not_asked(lane))
    rows = parts.values_list("school_id", "service").annotate(
        Count("id"), Sum("units"), Sum("bytes"), Min("ready_at")
    )
    found, oldest_at = {}, now
    for school, service, number, units, bytes_, ready_at in rows:
        seconds = number * lane.part_seconds
        found[school, service] = Amount(parts=number, seconds=seconds, units=units, bytes=bytes_)
        oldest_at = min(oldest_at, ready_at)
    return found, oldest_at


def _not_asked(lane: Lane) -> set[str]:
    """Return the services for whose closed breakers parts of the lane wait already.

    Honest limit: what goes to a service without limits, such as a webhook's host, does not tell to which.
    """
    closed = Breaker.objects.exclude(state=BreakerState.CLOSED).values_list("name", flat=True)
    asleep = Part.objects.filter(lane=lane.name, state=PartState.DELAYED).order_by()
    services = (asleep.filter(waits_for=name).values_list("service", flat=True).first() for name in closed)
    return {service for service in services if service}


def _done_lately(lane: Lane, *, now: datetime) -> dict[str, Amount]:
    """Return what was done lately, by outside service."""
    lately = now - timedelta(seconds=LATELY_SECONDS)
    done = Part.objects.filter(lane=lane.name, state=PartState.DONE, ended_at__gte=lately)
    newest = done.filter(step=Step.WORK).order_by("-ended_at")[:MOST_DONE]
    found: defaultdict[str, Amount] = defaultdict(Amount)
    for service, seconds, units, bytes_ in newest.values_list("service", "seconds", "units", "bytes"):
        found[service].add(seconds=seconds, units=units, bytes_=bytes_)
    return found


def _working(lane: Lane) -> dict[Key, int]:
    rows = _at_work(lane).values_list("school_id", "service").annotate(Count("id"))
    return {(school, service): parts for school, service, parts in rows}


def _overdue(lane: Lane) -> Amount:
    """Return what is done of the parts at work that take longer than parts should; cutting a job is none.

    The unit that each of them is at counts whole: a first one may take long.
    """
    late = _at_work(lane).filter(step=Step.WORK, worked_seconds__gt=lane.part_seconds)
    units = Sum(F("units_done") + F("units_failed") + 1)
    sums = late.aggregate(seconds=Sum(F("seconds") + F("worked_seconds")), units=units)
    return Amount(seconds=sums["seconds"] or 0.0, units=sums["units"] or 0)


def _at_work(lane: Lane) -> QuerySet[Part]:
    return Part.objects.filter(lane=lane.name, state=PartState.WORKING).order_by()


def _most_useful(work: Work, *, lane: Lane) -> float:
    schools = {school for school, _ in (*work.waiting, *work.working)} if lane.names_schools else set()
    return usefulness.most_useful(
        work,
        lane=lane,
        services=switchyard().services,
        slugs=dict(School.objects.filter(pk__in=schools).values_list("pk", "slug")),
    )
