"""What is written of an incident that is over: drafted by the platform, edited and published by a person."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs.models.people import Person
from jobs.models.status import Incident


class Postmortem(models.Model):
    """What happened and what follows. It is public once it is published, and names nobody."""

    incident = models.OneToOneField(
        Incident, on_delete=models.CASCADE, primary_key=True, related_name="postmortem"
    )
    summary = models.TextField(blank=True)
    timeline = models.TextField(blank=True)
    contributors = models.TextField(blank=True)
    actions = models.TextField(blank=True)
    next_steps = models.TextField(blank=True)
    drafted_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    """None while only ops see it."""

    class Meta:
        """What is published says something."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | ~Q(summary=""), name="postmortem_says_something"
            )
        ]

    def __str__(self) -> str:
        """Return the incident's code."""
        return str(self.incident_id)

    @property
    def stand(self) -> str:
        """Which texts it has, for a form to say which ones its writer saw."""
        return (self.edited_at or self.drafted_at).isoformat()
