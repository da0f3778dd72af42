"""Whether an outside service is slow for all that goes to it: then no single job is to blame.

Moving one aside would leave it fewer workers, and give the next one the same slow service. So it moves only
where other work, which that service does not concern, would get its workers.
"""

from collections import defaultdict
from collections.abc import Iterable

from jobs.models import Job, JobState
from jobs.registry import kinds

FEWEST_JOBS = 2
"""One job alone does not tell whether it is slow or the service is."""


def slow_for_all(seen: Iterable[tuple[str, bool]]) -> set[str]:
    """Return the services at which all jobs are slow: `seen` has where each goes, and whether it is."""
    at: defaultdict[str, list[bool]] = defaultdict(list)
    for service, is_slow in seen:
        at[service].append(is_slow)
    return {
        service
        for service, are_slow in at.items()
        if service and len(are_slow) >= FEWEST_JOBS and all(are_slow)
    }


def others_wait(*, lane: str, service: str) -> bool:
    """Say whether open jobs in the lane, canaries aside, do not go to `service`."""
    names = [kind.name for kind in kinds() if kind.is_routed and kind.service != service]
    states = (JobState.WAITING, JobState.WORKING)
    return Job.objects.filter(lane=lane, kind__in=names, state__in=states).exists()
