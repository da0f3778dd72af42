"""A job: one request of one school for one kind."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from jobs.models.people import Person, School
from jobs.models.tenancy import SchoolQuerySet


class JobState(models.TextChoices):
    """Where a job stands, in the words of the pages."""

    WAITING = "waiting", "Waiting"
    WORKING = "working", "Working"
    DONE = "done", "Done"
    PROBLEMS = "problems", "Done with problems"
    FAILED = "failed", "Needs attention"
    STOPPED = "stopped", "Stopped"


ENDED_STATES = (JobState.DONE, JobState.PROBLEMS, JobState.FAILED, JobState.STOPPED)


class Job(models.Model):
    """One request. The row is the truth; a doorbell only says that it is here."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    """Makes the submission idempotent within the school and the kind."""
    lane = models.CharField(max_length=40)
    title = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=dict)
    submitted_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    error = models.TextField(blank=True)
    """A sentence for the person who asked, when the job needs attention."""
    units_total = models.PositiveIntegerField(default=0)
    units_done = models.PositiveIntegerField(default=0)
    units_failed = models.PositiveIntegerField(default=0)
    parts_open = models.PositiveIntegerField(default=0)
    """Parts that have not ended yet; the end of the last one brings the finish."""
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SchoolQuerySet["Job"].as_manager()

    class Meta:
        """One job for each key; an ended job has its time."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "kind", "key"), name="job_key_is_unique"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, state__in=("waiting", "working"))
                | Q(ended_at__isnull=False, state__in=[str(state) for state in ENDED_STATES]),
                name="job_ended_at_fits_its_state",
            ),
            models.CheckConstraint(
                condition=Q(units_total__gte=F("units_done") + F("units_failed")), name="job_units_add_up"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("school", "-id"), name="job_of_school"),
            models.Index(fields=("kind", "school", "-id"), name="job_of_kind"),
            models.Index(fields=("lane", "id"), condition=Q(ended_at__isnull=True), name="job_open_in_lane"),
        ]

    def __str__(self) -> str:
        """Return the title, else the kind and id."""
        return self.title or f"{self.kind} {self.pk}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to the job by itself."""
        return self.state in ENDED_STATES

    def begin(self, *, now: datetime) -> bool:
        """Move from waiting to working and return whether this call did it."""
        waiting = Job.objects.filter(pk=self.pk, state=JobState.WAITING)
        return bool(waiting.update(state=JobState.WORKING, started_at=now))

    def end(self, *, state: JobState, now: datetime, error: str = "") -> bool:
        """Move from an open state to the ended `state` and return whether this call did it."""
        return bool(
            Job.objects.filter(pk=self.pk, ended_at__isnull=True).update(
                state=state, ended_at=now, error=error
            )
        )
