"""What a side did in its phases, as figures: waits of codes, times of jobs, shares of the processors."""

from collections.abc import Sequence
from datetime import UTC, datetime

from jobs.models import Job, ToldTime
from tests.benchmarks.stage.replay import measures
from tests.benchmarks.stage.replay.measures import Figures, Phase, Stamps

KINDS = ("emails.mailing", "packets.build", "uploads.check", "uploads.import", "webhooks.deliver")


def of(phases: Sequence[Phase], *, stamps: Stamps) -> Figures:
    """Return the figures of phases that had the same side and load."""
    waits = stamps.waits(phases)
    return {
        "code_begun": measures.spread(waits["begun"]),
        "code_accepted": measures.spread(waits["accepted"]),
        "job_seconds": times(phases),
        "cpu": phases[-1].cpu,
        "cpu_wait": phases[-1].cpu_wait,
    }


def times(phases: Sequence[Phase]) -> dict[str, float]:
    """Return the median seconds of each kind's jobs; one still open counts until its phase's end."""
    found: dict[str, list[float]] = {}
    for phase in phases:
        began, ended = moment(phase.began_at), moment(phase.ended_at)
        for job in Job.objects.filter(kind__in=KINDS, created_at__range=(began, ended)):
            seconds = ((job.ended_at or ended) - job.created_at).total_seconds()
            found.setdefault(job.kind, []).append(seconds)
    return {kind: round(measures.quantile(seconds, 0.5), 2) for kind, seconds in sorted(found.items())}


def honesty() -> Figures:
    """Return how far the told ends were from the truth, and how often the truth was within the told range."""
    told = ToldTime.objects.filter(end_took__gt=0)
    off = [abs(each.end_likely - each.end_took) / each.end_took for each in told]
    within = [each.end_earliest <= each.end_took <= each.end_latest for each in told]
    return {
        "count": len(off),
        "off_by_median": round(measures.quantile(off, 0.5), 3),
        "within_range": round(sum(within) / max(1, len(within)), 3),
    }


def moment(stamp: float) -> datetime:
    """Return the time of a stamp."""
    return datetime.fromtimestamp(stamp, UTC)


def compare(loaded: Figures, idle: Figures) -> Figures:
    """Return how many times longer codes and jobs took under load."""
    return {
        "ratio": _times_longer(loaded, idle, "code_begun", "p99_ms"),
        "ratio_p50": _times_longer(loaded, idle, "code_begun", "p50_ms"),
        "ratio_accepted": _times_longer(loaded, idle, "code_accepted", "p99_ms"),
    }


def jobs_compared(loaded: Figures, idle: Figures) -> dict[str, float]:
    """Return how many times longer each kind's jobs took under load."""
    both = loaded["job_seconds"].keys() & idle["job_seconds"].keys()
    seconds = {kind: (loaded["job_seconds"][kind], idle["job_seconds"][kind]) for kind in sorted(both)}
    return {kind: round(longer / max(usual, 0.01), 2) for kind, (longer, usual) in seconds.items()}


def _times_longer(loaded: Figures, idle: Figures, what: str, which: str) -> float:
    return float(round(loaded[what][which] / max(idle[what][which], 0.1), 2))
