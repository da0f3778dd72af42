"""What a lane remembers: shares of schools, tokens, workers that are present."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from jobs.models.people import Person, School, words_for

COMMAND = gettext_lazy("a command")
"""What pages call somebody on a host who gave no name."""


class Share(models.Model):
    """How much of a lane a school has used: the claim serves the least-used school first."""

    lane = models.CharField(max_length=40)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    used_seconds = models.FloatField(default=0)
    """What its parts count (`jobs.accounts`) divided by its weight: the virtual time of fair queueing."""

    class Meta:
        """One share for each school in a lane."""

        constraints: ClassVar = [models.UniqueConstraint(fields=("lane", "school"), name="share_is_unique")]
        indexes: ClassVar = [models.Index(fields=("lane", "used_seconds"), name="share_least_used")]

    def __str__(self) -> str:
        """Return lane and school id."""
        return f"{self.lane}/{self.school_id}"


class Bucket(models.Model):
    """The tokens left of a limit that holds over all workers of all hosts."""

    name = models.CharField(max_length=80, primary_key=True)
    tokens = models.FloatField()
    """Units or bytes that may be done now; below 0 it is a debt that later seconds pay off."""
    filled_at = models.DateTimeField()
    rate = models.FloatField(default=0, db_default=0)
    """Tokens that come in a second, for the limits that the claim looks at."""
    lane = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The lane that the limit is of; empty for an outside service's."""
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    """The school whose share of the lane it limits; empty for the whole lane."""
    service = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The outside service that the limit is of."""

    class Meta:
        """The claim finds the limits of a lane and of services without reading those of tokens."""

        indexes: ClassVar = [
            models.Index(fields=("lane",), condition=~Q(lane=""), name="bucket_of_lane"),
            models.Index(fields=("service",), condition=~Q(service=""), name="bucket_of_service"),
        ]

    def __str__(self) -> str:
        """Return the limit's name."""
        return self.name

    def opens_in(self, *, now: datetime) -> float:
        """Return the seconds until the debt is paid; 0 or less when there is none."""
        return -self.tokens / self.rate - (now - self.filled_at).total_seconds()


class WorkerPresence(models.Model):
    """A worker that said a moment ago that it lives."""

    name = models.CharField(max_length=200, primary_key=True)
    lane = models.CharField(max_length=40)
    slots = models.PositiveIntegerField()
    slots_kept_back = models.PositiveIntegerField(default=0, db_default=0)
    """How many more its lane wants of it that would fit but for the memory that its host keeps free."""
    memory_bytes = models.BigIntegerField(null=True, blank=True)
    """What it and its forked children have in memory that is of no file; None before the first look."""
    is_outgrown = models.BooleanField(default=False, db_default=False)
    """Whether it has too much of it, and another one is to take its place."""
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    hand_back_at = models.DateTimeField(null=True, blank=True)
    """Once it was asked to end: when it gives back the parts that it has not finished."""

    class Meta:
        """A worker has at least one slot."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(slots__gte=1), name="worker_has_slots")]

    def __str__(self) -> str:
        """Return the worker's name."""
        return self.name


class KeptLane(models.Model):
    """A lane that a supervisor keeps at work on a host, and that host's worker of it."""

    pk = models.CompositePrimaryKey("host", "lane")
    host = models.CharField(max_length=100)
    lane = models.CharField(max_length=40)
    supervisor = models.PositiveIntegerField()
    """Its process id."""
    seen_at = models.DateTimeField()
    """When the supervisor said last that it lives."""
    kept_since = models.DateTimeField()
    """Since when the ends are counted: supervisors that died and were followed count as one."""
    worker = models.CharField(max_length=200, blank=True)
    """The worker's name; empty while there is none."""
    is_adopted = models.BooleanField()
    """Whether an earlier supervisor had started it."""
    ends = models.PositiveIntegerField(default=0)
    """How many workers ended or were replaced."""
    ended_at = models.DateTimeField(null=True)
    """When the last of those was seen to end."""
    ended_how = models.CharField(max_length=200, blank=True)
    """What ended it, as a sentence."""

    class Meta:
        """In the order of pages."""

        ordering = ("lane", "host")

    def __str__(self) -> str:
        """Return lane and host."""
        return f"{self.lane} on {self.host}"


class LaneScale(models.Model):
    """How many workers the platform wants in a lane that it scales by itself."""

    lane = models.CharField(max_length=40, primary_key=True)
    workers = models.PositiveIntegerField()
    """Over all hosts."""
    why = models.CharField(max_length=300)
    """What was seen, as a sentence."""
    at = models.DateTimeField()

    class Meta:
        """A lane has at least one worker."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(workers__gte=1), name="scale_is_positive")
        ]

    def __str__(self) -> str:
        """Return lane and number."""
        return f"{self.lane}: {self.workers}"


class HandScale(models.Model):
    """A person's number of workers for a lane: it holds until its time is over or a person takes it back."""

    lane = models.CharField(max_length=40)
    workers = models.PositiveIntegerField()
    """Over all hosts."""
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """None for a command on a host."""
    program = models.CharField(max_length=100, blank=True, default="")
    """The name of the token by which a program set it; empty when none did."""
    why = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    """When a person took it back, or put another one in its place."""
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_program = models.CharField(max_length=100, blank=True, default="")
    """The name of the token by which a program took it back; empty when none did."""

    class Meta:
        """One holds for each lane; the others are its history."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(workers__gte=1), name="hand_scale_is_positive"),
            models.CheckConstraint(condition=~Q(why=""), name="hand_scale_says_why"),
            models.UniqueConstraint(
                fields=("lane",), condition=Q(ended_at__isnull=True), name="hand_scale_is_unique"
            ),
        ]

    def __str__(self) -> str:
        """Return lane and number."""
        return f"{self.lane}: {self.workers}"

    @property
    def setter(self) -> str:
        """Who set it, for pages."""
        return words_for(self.by, program=self.program) or str(COMMAND)

    @property
    def ender(self) -> str:
        """Who took it back, for pages."""
        return words_for(self.ended_by, program=self.ended_program) or str(COMMAND)
