"""How each lane was, minute by minute: what the charts of the operations page are drawn from."""

from typing import ClassVar

from django.db import models


class LaneMinute(models.Model):
    """One lane in one minute: the worst of what was seen of it."""

    lane = models.CharField(max_length=40)
    at = models.DateTimeField()
    """When the minute began."""
    waiting = models.PositiveIntegerField()
    """The most parts that waited, but for what a person holds."""
    oldest_seconds = models.FloatField()
    """The longest wait of one of them."""
    promise_seconds = models.FloatField()
    ended = models.BigIntegerField()
    """How many attempts at parts had ended in the lane until then: two of them tell the work done."""
    present = models.PositiveIntegerField()
    """Workers, as they were seen last in it."""
    wanted = models.PositiveIntegerField()

    class Meta:
        """One row for each lane and minute."""

        ordering = ("at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("lane", "at"), name="lane_minute_is_one"),
        ]
        indexes: ClassVar = [models.Index(fields=("at",), name="lane_minute_at")]

    def __str__(self) -> str:
        """Return lane and minute."""
        return f"{self.lane} at {self.at:%H:%M}"
