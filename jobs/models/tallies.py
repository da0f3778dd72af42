"""What metrics are made of: what all processes observed, added up, and what supervision saw last."""

from django.db import models


class Tally(models.Model):
    """One number that only grows: how often something happened, or how long it took, over all hosts."""

    pk = models.CompositePrimaryKey("measure", "labels", "bucket")
    measure = models.CharField(max_length=80)
    """As `jobs.tallies` names it."""
    labels = models.CharField(max_length=200)
    """The labels' values as a JSON list."""
    bucket = models.CharField(max_length=20, blank=True)
    """Of spans: the upper bound of those counted here, or `sum`; else empty."""
    value = models.FloatField()

    class Meta:
        """No order of its own."""

        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        """Return what it counts, and the number."""
        return f"{self.measure} {self.labels} {self.bucket}: {self.value:g}"


class Sweep(models.Model):
    """The newest sweep, in a single row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    doorbells = models.JSONField(default=dict)
    """By lane how many doorbells were in its queue; a broker that did not answer told nothing."""

    class Meta:
        """One row only."""

        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="sweep_is_one"),)

    def __str__(self) -> str:
        """Return when it was."""
        return self.at.isoformat()


class LaneReading(models.Model):
    """What was counted last in a lane, and what its canaries told: too long a count for each scrape."""

    lane = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    waiting = models.PositiveIntegerField()
    """Parts that wait for a worker or a limit; what a person holds does not count."""
    delayed = models.PositiveIntegerField()
    oldest_at = models.DateTimeField(null=True)
    """Since when that of them waits that has waited longest; None where none does."""
    canary_seconds = models.FloatField(null=True)
    """The newest canary's wait; None before the first."""
    is_late = models.BooleanField()
    is_measured = models.BooleanField()
    budget_left = models.FloatField(null=True)
    """From 1 down to 0 and below; None before the first canary."""

    class Meta:
        """One row for each lane."""

        ordering = ("lane",)

    def __str__(self) -> str:
        """Return lane and depth."""
        return f"{self.lane}: {self.waiting}"
