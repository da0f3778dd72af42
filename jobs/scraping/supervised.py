"""Whether somebody supervises, whether the broker answered then, and what operations look at besides."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import Metric

from jobs.models import Detour, Sweep
from jobs.roster import hosts_of
from jobs.scraping.families import gauge
from jobs.settings import switchyard


def collect(*, now: datetime) -> Iterator[Metric]:
    """Yield what the newest sweep found, and how many jobs are aside; nothing of sweeps before the first."""
    sweep = Sweep.objects.first()
    if sweep is not None:
        age = max(0.0, (now - sweep.at).total_seconds())
        yield gauge("switchyard_sweep_age_seconds", "How long ago the newest sweep was.", (), [((), age)])
        answered = float(bool(sweep.doorbells))
        yield gauge(
            "switchyard_broker_up", "Whether the broker answered the newest sweep.", (), [((), answered)]
        )
        yield gauge(
            "switchyard_doorbells",
            "Doorbells in the lane's queue at the newest sweep; absent when the broker did not answer.",
            ("lane",),
            (((lane,), doorbells) for lane, doorbells in sweep.doorbells.items()),
        )
    hosts = hosts_of(switchyard().lanes, now=now)
    yield gauge(
        "switchyard_supervisors_present",
        "Hosts whose supervisors keep the lane at work, and said a moment ago that they live.",
        ("lane",),
        (((lane,), len(names)) for lane, names in hosts.items()),
    )
    aside = Detour.objects.filter(is_aside=True, job__ended_at=None).count()
    yield gauge(
        "switchyard_jobs_aside",
        "Open jobs that were moved to a slow companion because they are far slower than usual.",
        (),
        [((), aside)],
    )
