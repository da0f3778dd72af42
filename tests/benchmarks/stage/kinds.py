"""A kind without effect: what it costs is the platform's own."""

from jobs.registry import Kind, register
from jobs.verbs import WorkingPart
from tests.benchmarks.stage import gauge


@register("stage.nothing")
class Nothing(Kind):
    """Does nothing."""

    label = "Nothing"
    unit = "nothings"

    def work(self, part: WorkingPart) -> None:
        """Do nothing."""


@register("stage.sleep")
class Sleep(Nothing):
    """Sleeps, and says meanwhile that it is at work."""

    def work(self, part: WorkingPart) -> None:
        """Sleep."""
        gauge.sleep(part.job.lane)
