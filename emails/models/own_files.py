"""Files of which each goes with one student's mail only, matched to the student by their name."""

from typing import ClassVar

from django.db import models

from emails.models.mailings import Mailing
from jobs.models import School, StoredFile
from jobs.models.tenancy import SchoolQuerySet


class OwnFile(models.Model):
    """A file of one student's own in a mailing, or one that nobody could be found for."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="own_files")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    """As it was handed in; the same name again takes its place."""
    student_id = models.BigIntegerField(null=True, blank=True)
    """Not a foreign key: students are another app's. None when its name is no student's number."""

    objects: ClassVar = SchoolQuerySet["OwnFile"].as_manager()

    class Meta:
        """By name; each name is there once."""

        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("mailing", "name"), name="own_file_is_one_of_its_name"),
        ]
        indexes: ClassVar = [models.Index(fields=("mailing", "student_id"), name="own_file_of_student")]

    def __str__(self) -> str:
        """Return the id: a name is personal data."""
        return f"Own file {self.pk}"
