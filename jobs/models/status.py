"""What the status page is made from: samples, incidents with their updates, the newest snapshot."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from jobs.models.people import Person

CODE_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
CODE_LENGTH = 12


def make_code() -> str:
    """Return a new id for addresses and programs."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


class StatusSample(models.Model):
    """One look at all lanes: see `jobs.status.samples`."""

    at = models.DateTimeField(primary_key=True)
    body = models.JSONField()

    class Meta:
        """In order."""

        ordering = ("at",)

    def __str__(self) -> str:
        """Return when it was."""
        return self.at.isoformat()


class IncidentStatus(models.TextChoices):
    """Where an incident or a maintenance stands, in the words of Statuspage's API."""

    INVESTIGATING = "investigating", gettext_lazy("Being looked into")
    IDENTIFIED = "identified", gettext_lazy("Cause found")
    MONITORING = "monitoring", gettext_lazy("Being watched")
    RESOLVED = "resolved", gettext_lazy("Resolved")
    SCHEDULED = "scheduled", gettext_lazy("Planned")
    IN_PROGRESS = "in_progress", gettext_lazy("Under way")
    COMPLETED = "completed", gettext_lazy("Completed")


OVER = (IncidentStatus.RESOLVED, IncidentStatus.COMPLETED)


class IncidentImpact(models.TextChoices):
    """How bad it is for schools."""

    NONE = "none", gettext_lazy("None")
    MINOR = "minor", gettext_lazy("Minor")
    MAJOR = "major", gettext_lazy("Major")
    CRITICAL = "critical", gettext_lazy("Critical")
    MAINTENANCE = "maintenance", gettext_lazy("Maintenance")


class Incident(models.Model):
    """An incident, opened by the platform or a person; or a planned maintenance. Public: it names nobody."""

    code = models.CharField(max_length=12, unique=True, default=make_code)
    """Its id in addresses."""
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=13, choices=IncidentStatus)
    impact = models.CharField(max_length=11, choices=IncidentImpact)
    components = models.JSONField(default=list)
    """The names of the components that it ever concerned."""
    lanes = models.JSONField(default=list)
    """The lanes likewise."""
    cause = models.CharField(max_length=100, blank=True)
    """What the platform takes for its cause; empty for one that a person opened."""
    started_at = models.DateTimeField()
    """Since when it was seen; of a maintenance, when it is to begin."""
    until = models.DateTimeField(null=True, blank=True)
    """When a maintenance is to end; None for incidents."""
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """For ops; None for the platform itself."""
    updated_at = models.DateTimeField()
    """When its newest update was written."""
    monitoring_at = models.DateTimeField(null=True, blank=True)
    """Since when nothing is wrong any more; None while something is."""
    ended_at = models.DateTimeField(null=True, blank=True)
    worst_seconds = models.FloatField(default=0)
    """The longest wait that was seen."""

    class Meta:
        """One open incident for each cause; what is over has its time."""

        ordering = ("-started_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("cause",),
                condition=Q(ended_at__isnull=True) & ~Q(cause=""),
                name="incident_is_one_for_each_cause",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) ^ Q(status__in=("resolved", "completed")),
                name="incident_ended_at_fits_its_status",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) ^ Q(impact="maintenance"), name="maintenance_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("started_at")),
                name="maintenance_ends_after_it_begins",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("opened_at",), condition=Q(ended_at__isnull=True), name="incident_open")
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def is_maintenance(self) -> bool:
        """Whether it was planned."""
        return self.impact == IncidentImpact.MAINTENANCE

    @property
    def is_automatic(self) -> bool:
        """Whether the platform opened it, and ends it by itself."""
        return bool(self.cause)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self.ended_at is not None


class IncidentUpdate(models.Model):
    """What was told of an incident at one moment."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates", db_index=False)
    code = models.CharField(max_length=12, unique=True, default=make_code)
    status = models.CharField(max_length=13, choices=IncidentStatus)
    body = models.TextField()
    """Plain sentences."""
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """For ops; None for the platform itself."""
    spread_at = models.DateTimeField(null=True, blank=True)
    """When the jobs were submitted that tell subscribers."""

    class Meta:
        """Newest first."""

        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(body=""), name="incident_update_says_something")
        ]
        indexes: ClassVar = [
            models.Index(fields=("incident", "-at"), name="update_of_incident"),
            models.Index(fields=("at",), condition=Q(spread_at__isnull=True), name="update_to_spread"),
        ]

    def __str__(self) -> str:
        """Return the first words."""
        return self.body[:60]


class StatusSnapshot(models.Model):
    """What the status page shows, in a single row: web processes fetch it, and keep it as a file."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    """When it was looked at last."""
    body = models.JSONField()

    class Meta:
        """One row only."""

        constraints = (models.CheckConstraint(condition=Q(id=1), name="status_snapshot_is_one"),)

    def __str__(self) -> str:
        """Return when it was."""
        return self.at.isoformat()
