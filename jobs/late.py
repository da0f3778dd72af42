"""Which jobs are late: a part of them waits longer than their lane promises."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q

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


def late_jobs(*, now: datetime, limit: int = 20) -> list[Late]:
    """Return the jobs that are late at `now`, those first that have waited longest.

    What a person holds back is not late, as on the page of lanes. The reason costs a query or two for each.
    """
    lanes, holds = switchyard().lanes, list(Hold.objects.all())
    promises = {name: timedelta(seconds=lane.promise_seconds) for name, lane in lanes.items()}
    broken = Q(pk__in=[])
    for name, lane in lanes.items():
        of_lane = Q(lane=name, ready_at__lt=now - promises[name])
        broken |= of_lane & ~is_held(holds, is_vital=lane.is_vital)
    parts = Part.objects.filter(broken, state=PartState.WAITING).exclude(kind=KIND).order_by()
    oldest = dict(parts.values_list("job").annotate(since=Min("ready_at")).order_by("since")[:limit])
    found = Job.objects.select_related("school").in_bulk(oldest)
    jobs = [found[pk] for pk in oldest if pk in found]
    standings.attach_standings(jobs, now=now)
    return [
        Late(
            job=job,
            waited=now - oldest[job.pk],
            late_since=oldest[job.pk] + promises.get(job.lane, timedelta()),
        )
        for job in jobs
    ]
