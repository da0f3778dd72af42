"""Breakers and limits: what keeps parts back that could be claimed else.

A breaker's own name has a host in it, which a school may have chosen. So breakers count by their sort: what
stands before the first colon, such as `relay` or `webhook`.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from prometheus_client import Metric

from jobs import drawing
from jobs.breakers import troubled
from jobs.models import Bucket
from jobs.scraping.families import gauge
from jobs.settings import switchyard


def collect(*, now: datetime) -> Iterator[Metric]:
    """Yield how breakers and limits stand."""
    yield from _breakers(now=now)
    yield from _limits(now=now)


def _breakers(*, now: datetime) -> Iterator[Metric]:
    open_for: defaultdict[str, list[float]] = defaultdict(list)
    for breaker in troubled():
        since = (now - breaker.opened_at).total_seconds() if breaker.opened_at else 0.0
        open_for[breaker.name.partition(":")[0]].append(max(0.0, since))
    yield gauge(
        "switchyard_breakers_open",
        "Outside services of this sort that fail, so that parts wait for them; absent while all work.",
        ("service",),
        (((service,), len(spans)) for service, spans in open_for.items()),
    )
    yield gauge(
        "switchyard_breaker_open_seconds",
        "For how long the first of them has failed.",
        ("service",),
        (((service,), max(spans)) for service, spans in open_for.items()),
    )


def _limits(*, now: datetime) -> Iterator[Metric]:
    shared = Bucket.objects.exclude(Q(lane="") & Q(service="")).filter(school=None)
    found = [(bucket, drawing.limit_of(bucket, switchyard())) for bucket in shared]
    limits = [(bucket, limit) for bucket, limit in found if limit is not None]
    labels = ("lane", "service", "unit")
    named = {
        limit.name: (limit.lane, limit.service, "bytes" if limit.counts_bytes else "units")
        for _, limit in limits
    }
    yield gauge(
        "switchyard_limit_tokens",
        "Units or bytes that may be claimed now under a limit; below 0 it is closed until its debt is paid.",
        labels,
        (
            (named[limit.name], min(limit.burst, bucket.tokens + bucket.rate * _since(bucket, now=now)))
            for bucket, limit in limits
        ),
    )
    yield gauge(
        "switchyard_limit_tokens_per_second",
        "What a limit lets through in a second.",
        labels,
        ((named[limit.name], limit.rate) for _, limit in limits),
    )


def _since(bucket: Bucket, *, now: datetime) -> float:
    return max(0.0, (now - bucket.filled_at).total_seconds())
