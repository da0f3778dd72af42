"""A kind without effect: what it costs is the platform's own."""

from jobs.registry import Kind, register
from jobs.verbs import WorkingPart


@register("stage.nothing")
class Nothing(Kind):
    """Does nothing."""

    label = "Nothing"
    unit = "nothings"

    def work(self, part: WorkingPart) -> None:
        """Do nothing."""
