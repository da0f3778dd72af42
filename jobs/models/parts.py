"""A part: the unit of claiming, leasing, retrying, fairness and progress."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models.jobs import Job
from jobs.models.people import School


class Step(models.TextChoices):
    """Which verb of the kind the part runs."""

    PLAN = "plan", _("Planning")
    WORK = "work", _("Work")
    FINISH = "finish", _("Finishing")


class PartState(models.TextChoices):
    """Where a part stands."""

    WAITING = "waiting", _("Waiting")
    DELAYED = "delayed", _("Waits for its time")
    HELD = "held", _("Held back")
    WORKING = "working", _("Working")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")
    RETIRED = "retired", _("Replaced by a retry")


IDLE_STATES = (PartState.WAITING, PartState.DELAYED, PartState.HELD)
"""Not ended, and nobody works on it."""


class Part(models.Model):
    """A piece of a job, about two seconds of work; lane, school, kind and priority are its job's."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="parts", db_index=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    lane = models.CharField(max_length=40)
    kind = models.CharField(max_length=60, blank=True, default="", db_default="")
    """Empty where an earlier version wrote it: then the job tells."""
    priority = models.SmallIntegerField(default=0)
    step = models.CharField(max_length=6, choices=Step, default=Step.WORK)
    arguments = models.JSONField(default=dict)
    planned = models.PositiveIntegerField(default=0)
    """While planning: how many parts are written."""
    is_revived = models.BooleanField(default=False, db_default=False)
    """Whether its units were planned before, in a part that was done but for them."""
    units = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    """What it moves, for limits in bytes a second."""
    service = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The outside service on whose limits it draws; empty for none."""
    units_done = models.PositiveIntegerField(default=0)
    units_failed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=7, choices=PartState, default=PartState.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    """How often it was claimed."""
    deaths = models.PositiveSmallIntegerField(default=0)
    """How many workers were lost while they worked on it."""
    ready_at = models.DateTimeField()
    """Since when it waits; while it is delayed, when it becomes waiting."""
    waits_for = models.CharField(max_length=300, blank=True)
    """While it is delayed: the outside service whose breaker must let it through first.
    What was let through to try whether it works keeps it until it is done or given back."""
    is_put_off = models.BooleanField(default=False, db_default=False)
    """While it is delayed: whether its kind wants it so, for the reason in `error`."""
    fence = models.PositiveBigIntegerField(default=0)
    """Grows with each claim; only the holder of the newest may change the part."""
    worker = models.CharField(max_length=200, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0)
    """Worker seconds that all attempts took."""
    worked_seconds = models.FloatField(default=0, db_default=0)
    """While it is at work: what this attempt took so far, as its worker told when it extended the lease."""
    asks = models.CharField(max_length=100, blank=True, default="", db_default="")
    """While it is at work: the outside service that has not answered what it was asked, as pages call it."""
    asks_seconds = models.FloatField(default=0, db_default=0)
    """For how long it has not, as its worker told then."""
    error = models.TextField(blank=True)

    class Meta:
        """The indexes keep a claim's cost independent of the backlog."""

        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="working", leased_until__isnull=False)
                | (~Q(state="working") & Q(leased_until__isnull=True)),
                name="part_is_leased_while_working",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("lane", "school", "-priority", "job", "id"),
                condition=Q(state="waiting"),
                name="part_to_claim",
            ),
            models.Index(
                fields=("lane", "school", "kind", "service", "-priority", "job", "id"),
                condition=Q(state="waiting"),
                name="part_of_kind_to_claim",
            ),
            models.Index(fields=("job", "state"), name="part_of_job"),
            models.Index(
                fields=("waits_for", "id"),
                condition=Q(state="delayed") & ~Q(waits_for=""),
                name="part_waits_for_service",
            ),
            models.Index(fields=("ready_at", "job"), condition=Q(state="delayed"), name="part_delayed"),
            models.Index(fields=("leased_until",), condition=Q(state="working"), name="part_leased"),
            models.Index(fields=("lane", "-ended_at"), condition=Q(state="done"), name="part_done_lately"),
        ]

    def __str__(self) -> str:
        """Return the job's id, the step and the part's id."""
        return f"{self.job_id}/{self.step}/{self.pk}"
