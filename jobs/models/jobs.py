"""A job: one request of one school for one kind."""

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jobs.models.people import Person, School, words_for
from jobs.models.tenancy import SchoolQuerySet
from jobs.moments import Expected
from jobs.units import Units


class JobState(models.TextChoices):
    """Where a job stands, in the words of the pages."""

    WAITING = "waiting", _("Waiting")
    WORKING = "working", _("Working")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    PROBLEMS = "problems", _("Done with problems")
    FAILED = "failed", _("Needs attention")
    STOPPED = "stopped", _("Stopped")


OPEN_STATES = (JobState.WAITING, JobState.WORKING, JobState.PAUSED)
GOOD_ENDS = (JobState.DONE, JobState.PROBLEMS)
"""The ends after which the jobs that follow may start."""
BAD_ENDS = (JobState.FAILED, JobState.STOPPED)
TROUBLED_ENDS = (JobState.FAILED, JobState.PROBLEMS)
"""The ends that somebody should see to."""
ENDED_STATES = (JobState.DONE, JobState.PROBLEMS, JobState.FAILED, JobState.STOPPED)


class Job(models.Model):
    """One request. The row is the truth; a doorbell only says that it is here."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    """Makes the submission idempotent within the school and the kind."""
    lane = models.CharField(max_length=40)
    priority = models.SmallIntegerField(default=0)
    """Within the school and the lane, higher goes first."""
    title = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=dict)
    submitted_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    program = models.CharField(max_length=100, blank=True, default="", db_default="")
    """The name of the token by which a program asked for it; empty when none did."""
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    error = models.TextField(blank=True)
    """A sentence for the person who asked, when the job needs attention."""
    sizes = models.JSONField(default=dict, db_default={}, blank=True)
    """What routes and estimates go by, as it was asked for: `units`, and the kind's own sizes by name."""
    megabytes = models.FloatField(default=0, db_default=0)
    """What its units have together, as far as it was told when it was asked for; costs go by it."""
    units_total = models.PositiveIntegerField(default=0)
    units_done = models.PositiveIntegerField(default=0)
    units_failed = models.PositiveIntegerField(default=0)
    parts_open = models.PositiveIntegerField(default=0)
    """Parts that have not ended yet; the end of the last one brings the finish."""
    after = models.ManyToManyField("self", symmetrical=False, related_name="followers", blank=True)
    """Jobs that must have ended well before this one starts."""
    not_before_at = models.DateTimeField(null=True, blank=True)
    """When it may start, as it was asked for; None for at once."""
    deadline_at = models.DateTimeField(null=True, blank=True)
    """No part is begun after it; what is left then fails."""
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    """When what it left behind was thrown away, after it had failed or was stopped."""
    put_away_at = models.DateTimeField(null=True, blank=True)
    """When somebody of its school said that they have seen to what went wrong; history says who."""

    is_new: bool = False
    """Whether it was written by the call of `jobs.submission` that returned it."""
    units: Units
    """What lists show; there once `jobs.counting.attach_units` was called."""
    expected: Expected
    """As above; there once `jobs.expecting.attach_expected` was called."""
    reason: str
    """What happens to it now, or why it waits; there once `jobs.standings.attach_standings` was called."""
    end_is_unknown: str
    """Why no end can be told of it, as half a sentence; there likewise, empty where nobody can expect one."""

    objects: ClassVar = SchoolQuerySet["Job"].as_manager()

    class Meta:
        """One job for each key; an ended job has its time."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "kind", "key"), name="job_key_is_unique"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, state__in=[str(state) for state in OPEN_STATES])
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
            models.Index(
                fields=("state", "school", "-id"), condition=~Q(state="done"), name="job_of_school_in_state"
            ),
            models.Index(fields=("created_at",), name="job_asked_for"),
            models.Index(fields=("lane", "id"), condition=Q(ended_at__isnull=True), name="job_open_in_lane"),
            models.Index(
                fields=("ended_at",), condition=Q(state__in=("failed", "problems")), name="job_ended_badly"
            ),
            models.Index(
                fields=("deadline_at",),
                condition=Q(ended_at__isnull=True, deadline_at__isnull=False),
                name="job_with_deadline",
            ),
            models.Index(fields=("ended_at",), condition=Q(ended_at__isnull=False), name="job_ended"),
            models.Index(
                fields=("id",),
                condition=Q(state__in=("failed", "stopped"), discarded_at__isnull=True),
                name="job_to_discard",
            ),
        ]

    def __str__(self) -> str:
        """Return the title unless it is blank, else the kind and id."""
        return self.title if self.title.strip() else f"{self.kind} {self.pk}"

    @property
    def who(self) -> str:
        """Who asked for it, as pages say it; empty when the platform did."""
        return words_for(self.submitted_by, program=self.program)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to the job by itself."""
        return self.state in ENDED_STATES

    @property
    def must_wait(self) -> bool:
        """Whether a job that it follows is still open; once it has started, it waits for none any more."""
        return self.started_at is None and self.after.filter(state__in=OPEN_STATES).exists()

    @property
    def can_be_stopped(self) -> bool:
        """Whether a person may stop it."""
        return self.state in OPEN_STATES

    @property
    def can_be_paused(self) -> bool:
        """Whether a person may pause it."""
        return self.state in (JobState.WAITING, JobState.WORKING)

    @property
    def can_be_resumed(self) -> bool:
        """Whether a person may let it go on."""
        return self.state == JobState.PAUSED

    @property
    def can_be_put_away(self) -> bool:
        """Whether it ended with something to see to that nobody has put away."""
        return self.state in TROUBLED_ENDS and self.put_away_at is None

    def move(self, *, to: JobState, only_from: Collection[JobState], **changes: object) -> bool:
        """Move from a state of `only_from` to `to`, with other `changes`; say whether this call did it."""
        moved = Job.objects.filter(pk=self.pk, state__in=only_from).update(state=to, **changes)
        if moved:
            self.refresh_from_db(fields=["state", *changes])
        return bool(moved)
