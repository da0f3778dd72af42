"""Making one family of metrics from rows."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily

Row = tuple[tuple[str, ...], float | None]
"""The labels' values, and the figure; None for one that is not known."""


def gauge(name: str, says: str, labels: tuple[str, ...], rows: Iterable[Row]) -> GaugeMetricFamily:
    """Return a gauge with a figure for each of the `rows`; unknown ones are left out."""
    family = GaugeMetricFamily(name, says, labels=labels)
    for values, figure in rows:
        if figure is not None:
            family.add_metric(values, figure)
    return family
