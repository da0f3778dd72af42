"""What canaries measured: the true wait of a small job in each lane."""

from typing import ClassVar

from django.db import models


class CanaryRun(models.Model):
    """One look at a lane: how long a canary waited until a worker began it, or has waited so far."""

    lane = models.CharField(max_length=40)
    at = models.DateTimeField()
    waited_seconds = models.FloatField()
    is_late = models.BooleanField()
    """Whether that is more than the lane's promise was."""

    class Meta:
        """Read by lane, newest first."""

        ordering = ("-at",)
        indexes: ClassVar = [models.Index(fields=("lane", "-at"), name="canary_of_lane")]

    def __str__(self) -> str:
        """Return lane and wait."""
        return f"{self.lane} {self.waited_seconds:.3f} s"
