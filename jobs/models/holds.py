"""A hold: a lane, a kind or a school that a person paused or lets run dry."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models.people import Person, School


class HoldScope(models.TextChoices):
    """What a hold is of."""

    LANE = "lane", _("Lane")
    KIND = "kind", _("Kind of job")
    SCHOOL = "school", _("School")


class HoldMode(models.TextChoices):
    """What still goes on."""

    PAUSE = "pause", _("Paused")
    DRAIN = "drain", _("Drained")


class Hold(models.Model):
    """While the row is there, workers claim nothing of it; draining, only what was there before."""

    scope = models.CharField(max_length=6, choices=HoldScope)
    name = models.CharField(max_length=60)
    """The lane's or kind's name, or the school's slug."""
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    """The school that is held, if one is."""
    mode = models.CharField(max_length=5, choices=HoldMode)
    newest_job = models.BigIntegerField(default=0)
    """Draining: the newest job that still goes on; those with a higher id wait."""
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    why = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    """When supervision lifts it; None for when a person does."""
    replaced = models.JSONField(null=True, blank=True)
    """Of a school that is off: the hold that it had before, if any, which comes back with it."""

    class Meta:
        """One hold for each lane, kind or school."""

        ordering = ("at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("scope", "name"), name="hold_is_unique"),
            models.CheckConstraint(
                condition=Q(scope="school", school__isnull=False)
                | (~Q(scope="school") & Q(school__isnull=True)),
                name="hold_of_a_school_knows_it",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="hold_says_why"),
        ]

    def __str__(self) -> str:
        """Return what is held, and how."""
        return f"{self.scope} {self.name} {self.mode}"


class HoldEvent(models.Model):
    """What was done to holds, for the audit: a hold's own row is gone when it is lifted."""

    scope = models.CharField(max_length=6, choices=HoldScope)
    name = models.CharField(max_length=60)
    what = models.CharField(max_length=8)
    """paused, drained or lifted."""
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """None when its time was over."""
    why = models.TextField(blank=True)
    until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Newest first."""

        ordering = ("-id",)

    def __str__(self) -> str:
        """Return what was held, and what was done."""
        return f"{self.scope} {self.name} {self.what}"
