"""Pictures of the first pages of what packets came to."""

from typing import ClassVar

from django.db import models

from jobs.models import School, StoredFile
from jobs.models.tenancy import SchoolQuerySet


class PagePicture(models.Model):
    """One page of a result, drawn small. Kept by the result's content: the same bytes are drawn once."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    """Of the result."""
    number = models.PositiveSmallIntegerField()
    """Of the page, from 1."""
    picture = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = SchoolQuerySet["PagePicture"].as_manager()

    class Meta:
        """A page of a result is drawn once."""

        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "sha256", "number"), name="page_picture_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the number."""
        return f"Page {self.number}"
