"""What of the status page was corrected after it was told, by whom, and what it said before."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from jobs.models.people import Person
from jobs.models.status import Incident, IncidentUpdate


class TextCorrection(models.Model):
    """One text of an incident that a person replaced by another; only ops see what it said before."""

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="corrections", db_index=False
    )
    update_of = models.ForeignKey(
        IncidentUpdate, null=True, blank=True, on_delete=models.CASCADE, related_name="corrections"
    )
    """None for the title."""
    before = models.TextField()
    after = models.TextField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Newest first; each changed something."""

        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="correction_changes_something")
        ]
        indexes: ClassVar = [models.Index(fields=("incident", "-at"), name="correction_of_incident")]

    def __str__(self) -> str:
        """Return the first words of what it says now."""
        return self.after[:60]
