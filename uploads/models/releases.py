"""Who changed what students let go to employers: rows that the database itself adds."""

from typing import ClassVar

from django.db import models

from jobs.models import Person, School
from jobs.models.tenancy import SchoolQuerySet
from uploads.models.students import DocumentType, Release
from uploads.models.uploads import Upload


class ReleaseChange(models.Model):
    """One change of what a student lets employers have; a trigger on the students' table writes it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    student_id = models.BigIntegerField()
    """Not a reference: what an import brought can be undone, and the note of it stays."""
    document_type = models.CharField(max_length=10, choices=DocumentType)
    choice = models.CharField(max_length=3, choices=Release, blank=True)
    """What holds since."""
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    upload = models.ForeignKey(Upload, null=True, on_delete=models.SET_NULL, related_name="+")
    """The one whose import, or whose undoing, changed it; None for a change on the student's page."""

    objects: ClassVar = SchoolQuerySet["ReleaseChange"].as_manager()

    class Meta:
        """Newest first."""

        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("school", "student_id", "-id"), name="release_change_of_student")
        ]

    def __str__(self) -> str:
        """Return the id: what a student said does not belong into logs."""
        return f"ReleaseChange {self.pk}"
