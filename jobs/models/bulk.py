"""Changes of many jobs at once, as they were made."""

from typing import ClassVar

from django.db import models

from jobs.models.people import Person


class BulkChange(models.Model):
    """What one person did to all jobs of a choice; each of these jobs keeps it in its history too.

    PostgreSQL refuses to change or delete it.
    """

    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    action = models.CharField(max_length=10)
    lane = models.CharField(max_length=40, blank=True)
    """To which they were moved."""
    chosen = models.CharField(max_length=1000)
    """Which jobs, as the address of their list says it."""
    why = models.CharField(max_length=300, blank=True)
    count = models.PositiveIntegerField()
    """How many jobs there were."""
    ids = models.JSONField(default=list, db_default=[], blank=True)
    """Which jobs they are, where a job of the platform changes them (`jobs.bulk_orders`); else empty."""
    done = models.PositiveIntegerField()
    """How many of them it could be done to at once; a job of the platform counts its own."""

    class Meta:
        """Newest first."""

        ordering: ClassVar = ("-id",)

    def __str__(self) -> str:
        """Return what was done to how many."""
        return f"{self.action}: {self.done} of {self.count}"
