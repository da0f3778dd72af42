"""A file of a school: an attachment, a document, a data file, a result."""

from typing import ClassVar

from django.db import models

from jobs.models.jobs import Job
from jobs.models.people import Person, School
from jobs.models.tenancy import SchoolQuerySet


def stored_path(stored: "StoredFile", _name: str) -> str:
    """Return the path below the storage's root: school, then content hash; nothing that a person typed."""
    return f"{stored.school_id}/{stored.sha256[:2]}/{stored.sha256}"


class StoredFile(models.Model):
    """One file behind a permission check. Write it with `jobs.files.store`."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="files")
    """The job whose result it is, if any."""
    name = models.CharField(max_length=255)
    """The name that a download gets."""
    media_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    """Bytes."""
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to=stored_path, max_length=200)
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = SchoolQuerySet["StoredFile"].as_manager()

    def __str__(self) -> str:
        """Return the name."""
        return self.name
