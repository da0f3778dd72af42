"""What happened to jobs and parts: kept for the job page, the ops page and the audit."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.jobs import Job
from jobs.models.parts import Part
from jobs.models.people import Person, words_for


class JobEvent(models.Model):
    """One change of a job: what, when, by whom, why."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField()
    what = models.CharField(max_length=20)
    """submitted, started, paused, resumed, stopped, retried, or the state in which it ended, and more."""
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """None when the platform did it, or a program whose token no person made."""
    program = models.CharField(max_length=100, blank=True, default="", db_default="")
    """The name of the token by which a program did it, which may be gone; empty when none did."""
    why = models.TextField(blank=True)

    class Meta:
        """Read by job, in order."""

        ordering = ("id",)
        indexes: ClassVar = [
            models.Index(fields=("job", "id"), name="event_of_job"),
            models.Index(fields=("at",), name="event_at"),
        ]

    def __str__(self) -> str:
        """Return the job's id and what happened."""
        return f"{self.job_id} {self.what}"

    @property
    def who(self) -> str:
        """Who did it, as pages say it; empty when the platform did."""
        return words_for(self.by, program=self.program)


class AttemptOutcome(models.TextChoices):
    """How an attempt at a part ended when the part was not done."""

    FAILED = "failed", _("Failed")
    TRIED_AGAIN = "again", _("Tried again later")
    OVER_TIME = "over time", _("Took longer than its time limit")
    OVER_MEMORY = "over memory", _("Needed more memory than a part may take")
    LOST = "lost", _("Its worker was lost")
    HANDED_BACK = "handed back", _("Its worker was asked to end")


class Attempt(models.Model):
    """One attempt at a part that did not get it done. What got it done stands on the part itself."""

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveIntegerField()
    worker = models.CharField(max_length=200)
    claimed_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=AttemptOutcome)
    error = models.TextField(blank=True)
    """What is known of why: for staff of the school, so without mail addresses."""

    class Meta:
        """Read by part, in order."""

        ordering = ("id",)
        indexes: ClassVar = [
            models.Index(fields=("part", "id"), name="attempt_of_part"),
            models.Index(fields=("ended_at",), name="attempt_ended_at"),
        ]

    def __str__(self) -> str:
        """Return the part's id, the attempt's number and its outcome."""
        return f"{self.part_id} {self.number} {self.outcome}"
