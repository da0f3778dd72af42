"""Which jobs are late: a part of them waits longer than their lane promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet

from jobs import standings
from jobs.canaries import KIND
from jobs.held import is_held
from jobs.models import Hold, Job, Part, PartState
from jobs.settings import switchyard


@dataclass(frozen=True, kw_only=True)
class Late:
    """One late job, with its units, its reason and what is expected of it attached."""

    job: Job
    waited: timedelta
    """Of its oldest part that waits."""
    late_since: datetime
    """When the promise was broken."""
    promise: timedelta


def late_jobs(*, now: datetime, limit: int = 20) -> list[Late]:
    """Return the jobs that are late at `now`, those first that have waited longest.

    What a person holds back is not late, as on the page of lanes. The reason costs a query or two for each.
    """
    parts = _late_parts(now=now).exclude(kind=KIND).order_by()
    oldest = dict(parts.values_list("job").annotate(since=Min("ready_at")).order_by("since")[:limit])
    return _late(oldest, now=now)


def late_lanes(*, now: datetime) -> list[Late]:
    """Return of each lane that is late at `now`, also for a canary alone, the job that has waited longest."""
    oldest = _late_parts(now=now).order_by("lane", "ready_at").distinct("lane")
    return _late(dict(oldest.values_list("job", "ready_at")), now=now)


def _late_parts(*, now: datetime) -> QuerySet[Part]:
    holds, broken = list(Hold.objects.all()), Q(pk__in=[])
    for name, lane in switchyard().lanes.items():
        of_lane = Q(lane=name, ready_at__lt=now - timedelta(seconds=lane.promise_seconds))
        broken |= of_lane & ~is_held(holds, is_vital=lane.is_vital)
    late: QuerySet[Part] = Part.objects.filter(broken, state=PartState.WAITING)
    return late


def _late(since: Mapping[int, datetime], *, now: datetime) -> list[Late]:
    """Return the jobs that have waited `since` then, in that order."""
    found = Job.objects.select_related("school").in_bulk(since) if since else {}
    jobs = [found[pk] for pk in since if pk in found]
    standings.attach_standings(jobs, now=now)
    return [_told(job, since=since[job.pk], now=now) for job in jobs]


def _told(job: Job, *, since: datetime, now: datetime) -> Late:
    lane = switchyard().lanes.get(job.lane)
    promise = timedelta(seconds=lane.promise_seconds) if lane else timedelta()
    return Late(job=job, waited=now - since, late_since=since + promise, promise=promise)
