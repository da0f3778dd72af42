"""What a person is told: that a job of theirs ended, or that a colleague asks something of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from jobs.models.jobs import Job, JobState
from jobs.models.people import Person, School


class Notification(models.Model):
    """One thing that one person is told, with the ledger of its mail."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    """The job that ended; None for what a colleague asks."""
    state = models.CharField(max_length=10, choices=JobState, blank=True)
    """How it ended; a retry may have changed that since."""
    title = models.CharField(max_length=200, blank=True)
    """What a colleague asks about; a job has its own title."""
    says = models.TextField(blank=True)
    """What a colleague asks, as a sentence."""
    address = models.CharField(max_length=200, blank=True)
    """The page on which it is answered; a job has its own."""
    at = models.DateTimeField()
    """When the job ended, or was asked."""
    read_at = models.DateTimeField(null=True, blank=True)
    wants_mail = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True)
    """When supervision counted it for the person, and let its mail be sent."""
    mail_job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    message_id = models.CharField(max_length=200, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    """When its mail was begun to be handed over; what broke off after that may have arrived."""

    class Meta:
        """Newest first; each end of a job is told once."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("person", "job", "at"), name="notification_of_an_end_is_one"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("person", "-id"), name="notification_of_person"),
            models.Index(fields=("person",), condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=("id",), condition=Q(told_at=None), name="notification_untold"),
        ]

    def __str__(self) -> str:
        """Return what it is about."""
        return str(self.job) if self.job else self.title

    @property
    def page(self) -> str:
        """The address of the page that it leads to."""
        return reverse("jobs:show", args=[self.job_id]) if self.job_id else self.address

    @property
    def is_past(self) -> bool:
        """Whether the job was tried again since."""
        return self.job is not None and self.job.ended_at != self.at
