"""What is learned of costs and times: per kind, per open job, and what was told against what came true."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from jobs.models.jobs import Job

A_WHILE = timedelta(minutes=1)
"""Pages tell times to the minute: two paces of one minute would contradict each other."""


class Cost(models.Model):
    """What work of a kind costs, as learned from its newest parts and long remembered."""

    kind = models.CharField(max_length=60, primary_key=True)
    unit_seconds = models.FloatField()
    megabyte_seconds = models.FloatField(default=0)
    known_megabytes = models.FloatField(default=0, db_default=0)
    """The megabytes a unit up to which enough parts are known: see `jobs.costs`."""
    spread = models.FloatField(default=1)
    """The factor by which parts usually differ from the expected."""
    lately = models.FloatField(default=1)
    """How many times the usual its jobs take now: the middle one of those of the last minutes."""
    units = models.PositiveBigIntegerField(default=0)
    """Units of all parts that it was learned from."""
    parts = models.PositiveBigIntegerField(default=0)
    learned_at = models.DateTimeField()
    """The end of the newest of them."""
    experience = models.JSONField(default=dict)
    """The parts that are remembered: see `jobs.experience`."""

    class Meta:
        """Nothing costs less than nothing."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(unit_seconds__gt=0, megabyte_seconds__gte=0, lately__gt=0),
                name="cost_is_positive",
            )
        ]

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind


class Pace(models.Model):
    """How many times the usual of its kind an open job takes, as its newest parts show."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="pace")
    times = models.FloatField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the job's id and the pace."""
        return f"{self.job_id} {self.times:g} times"


class Detour(models.Model):
    """A job's moves between its lane and the slow companion of that."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="detour")
    home = models.CharField(max_length=40)
    """The lane to which it belongs."""
    lane = models.CharField(max_length=40)
    """The slow companion."""
    is_aside = models.BooleanField()
    """Whether it is in the slow companion now."""
    is_pinned = models.BooleanField(default=False)
    """Whether a person moved it back, so that it is not moved by itself any more."""
    why = models.TextField()
    """Why it was moved aside the last time; a sentence."""
    moves = models.PositiveSmallIntegerField(default=1)
    """How often it was moved aside."""
    moved_at = models.DateTimeField()
    """When it was moved or let move the last time; while it is aside, when `why` was seen."""
    lately = models.TextField(blank=True, default="", db_default="")
    """What the last look saw of its pace, wherever it is; a sentence, empty before that."""
    seen_at = models.DateTimeField(null=True, blank=True)
    """When that was."""

    class Meta:
        """The ops page asks for those that are aside."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_aside=False) | Q(is_pinned=False), name="detour_is_not_pinned_aside"
            ),
            models.CheckConstraint(condition=~Q(home=F("lane")), name="detour_leads_elsewhere"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("moved_at",), condition=Q(is_aside=True), name="detour_aside")
        ]

    def __str__(self) -> str:
        """Return the job's id and the two lanes."""
        return f"{self.job_id} {self.home} {self.lane}"

    @property
    def is_told_anew(self) -> bool:
        """Whether something was seen of it that its reason does not say, some time after that."""
        return self.seen_at is not None and not (self.is_aside and self.seen_at < self.moved_at + A_WHILE)


class ToldTime(models.Model):
    """When a job was said to start and end, at one moment; and when it did. All spans from that moment."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="told", db_index=False)
    lane = models.CharField(max_length=40)
    has_begun = models.BooleanField()
    """Whether the job had started by then: later, less is unknown."""
    at = models.DateTimeField()
    limits = models.TextField(blank=True, default="", db_default="")
    """The limits in force then: see `jobs.drawing.limits_now`."""
    start_reckoned = models.FloatField(null=True, blank=True)
    """Seconds, before what was seen of earlier jobs corrected it; None when it had started."""
    start_earliest = models.FloatField(null=True, blank=True)
    start_latest = models.FloatField(null=True, blank=True)
    start_took = models.FloatField(null=True, blank=True)
    """The truth, in seconds; None until it is known."""
    end_reckoned = models.FloatField()
    end_earliest = models.FloatField()
    end_likely = models.FloatField()
    end_latest = models.FloatField()
    end_took = models.FloatField(null=True, blank=True)
    conditions_held = models.BooleanField(default=True, db_default=True)
    """Whether what it was told under stayed so to its end: only then it teaches. See `jobs.conditions`."""

    class Meta:
        """Read by job while it is open, and by lane afterwards."""

        indexes: ClassVar = [
            models.Index(fields=("job", "-at"), name="told_of_job"),
            models.Index(fields=("at",), name="told_at"),
            models.Index(
                fields=("lane", "has_begun", "-at"),
                condition=Q(end_took__isnull=False),
                name="told_came_true",
            ),
            models.Index(fields=("job",), condition=Q(end_took__isnull=True), name="told_still_open"),
        ]

    def __str__(self) -> str:
        """Return the job's id and the moment."""
        return f"{self.job_id} {self.at}"


class LaneTrust(models.Model):
    """How far told times of a lane were from the truth lately: see `jobs.ranges.Trust`."""

    lane = models.CharField(max_length=40)
    what = models.CharField(max_length=5, choices=[("start", "Start"), ("end", "End")])
    has_begun = models.BooleanField()
    low = models.FloatField()
    middle = models.FloatField()
    high = models.FloatField()
    count = models.PositiveIntegerField()
    limits = models.TextField(blank=True, default="", db_default="")
    """The limits under which all of that was learned: what holds under others is not known."""

    class Meta:
        """One for each lane, by whether the job had begun."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("lane", "what", "has_begun"), name="lane_trust_is_unique")
        ]

    def __str__(self) -> str:
        """Return the lane and what was told."""
        return f"{self.lane} {self.what}"
