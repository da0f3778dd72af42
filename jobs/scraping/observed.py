"""What the processes of all hosts observed, as `jobs.tallying` added it up."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from jobs.models import Tally
from jobs.tallies import REST, SUM, Count, Measure, measures

Buckets = dict[str, float]


def collect() -> Iterator[Metric]:
    """Yield each measure that a process of this version knows, also one that nobody observed yet."""
    found: defaultdict[str, defaultdict[tuple[str, ...], Buckets]]
    found = defaultdict(lambda: defaultdict(dict))
    for name, labels, bucket, value in Tally.objects.values_list("measure", "labels", "bucket", "value"):
        found[name][tuple(json.loads(labels))][bucket] = value
    for measure in measures.values():
        yield _family(measure, found[measure.name])


def _family(measure: Measure, found: Mapping[tuple[str, ...], Buckets]) -> Metric:
    known = {labels: buckets for labels, buckets in found.items() if len(labels) == len(measure.labels)}
    if isinstance(measure, Count):
        counter = CounterMetricFamily(measure.name, measure.says, labels=measure.labels)
        for labels, buckets in known.items():
            counter.add_metric(labels, buckets.get("", 0))
        return counter
    histogram = HistogramMetricFamily(measure.name, measure.says, labels=measure.labels)
    for labels, buckets in known.items():
        histogram.add_metric(labels, buckets=_rising(measure, buckets), sum_value=buckets.get(SUM, 0))
    return histogram


def _rising(measure: Measure, buckets: Buckets) -> list[tuple[str, float]]:
    """Return the buckets as Prometheus has them: each holds those below it too.

    All bounds are told, also empty ones; those that an earlier version had count into the next one.
    """
    bounds = {*measure.buckets, *buckets} - {SUM, REST}
    rising: list[tuple[str, float]] = []
    total = 0.0
    for bound in [*sorted(bounds, key=float), REST]:
        total += buckets.get(bound, 0)
        if bound in measure.buckets:
            rising.append((bound, total))
    return rising
