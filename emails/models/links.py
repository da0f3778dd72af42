"""Files of a mailing that recipients fetch by links in place of getting them attached."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from emails.models.mailings import Mailing
from jobs.models import Person, School, StoredFile
from jobs.models.tenancy import SchoolQuerySet


class LinkedFile(models.Model):
    """One file of one mailing, behind a link for each recipient. It may outlive its mailing."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    mailing = models.ForeignKey(
        Mailing, null=True, blank=True, on_delete=models.SET_NULL, related_name="linked_files"
    )
    """None once the mailing is pruned, while links to the file still work."""
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    """Later with each part that is sent, so that the last mail's link works as long as promised."""
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar = SchoolQuerySet["LinkedFile"].as_manager()

    class Meta:
        """In the order in which the files were added to their mailing."""

        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("mailing", "file"), name="linked_file_is_one_of_its_mailing"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("id",), condition=models.Q(mailing=None), name="linked_file_without_mailing"
            ),
        ]

    def __str__(self) -> str:
        """Return the id: links carry it too."""
        return f"Linked file {self.pk}"

    def is_open(self, *, now: datetime) -> bool:
        """Whether links to the file work."""
        return self.revoked_at is None and now < self.expires_at


class Download(models.Model):
    """How often the owner of one link fetched its file; no row for whoever did not."""

    linked_file = models.ForeignKey(LinkedFile, on_delete=models.CASCADE, related_name="downloads")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    recipient_id = models.BigIntegerField()
    """Not a foreign key: the recipient may be pruned while the link works."""
    times = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    objects: ClassVar = SchoolQuerySet["Download"].as_manager()

    class Meta:
        """A link counts in one row."""

        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("linked_file", "recipient_id"), name="download_is_one_of_a_link"),
        ]

    def __str__(self) -> str:
        """Return the ids."""
        return f"Download {self.linked_file_id}/{self.recipient_id}"
