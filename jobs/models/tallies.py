"""What all processes observed, added up, and the newest look of supervision: what metrics are made of."""

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
