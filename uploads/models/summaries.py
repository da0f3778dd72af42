"""Mails that tell who handed in a file what became of it."""

from typing import ClassVar

from django.db import models

from jobs.models import Job
from uploads.models.uploads import Upload


class Summary(models.Model):
    """One mail about an upload."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="summaries")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="+")
    message_id = models.CharField(max_length=200)
    begun_at = models.DateTimeField(null=True)
    """When it was begun to be handed over; what broke off after that may have arrived."""

    class Meta:
        """Oldest first."""

        ordering: ClassVar = ("id",)

    def __str__(self) -> str:
        """Return which upload it is about."""
        return f"of upload {self.upload_id}"
