"""What a school chose for the columns of a file, offered again for the next file with the same headings."""

from typing import ClassVar

from django.db import models

from jobs.models import Person, School
from jobs.models.tenancy import SchoolQuerySet


class FileShape(models.Model):
    """The headings that files of a school have, and as what it reads each of these columns."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    dataset = models.CharField(max_length=20)
    shape = models.CharField(max_length=64)
    """The mark of the set of headings: `uploads.headings.shape_of`."""
    columns = models.JSONField()
    """The name of the dataset's column, or "" for one that is not read, by `uploads.headings.keys_of`."""
    chosen_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_at = models.DateTimeField()

    objects: ClassVar = SchoolQuerySet["FileShape"].as_manager()

    class Meta:
        """A school reads files of one shape in one way."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "dataset", "shape"), name="file_shape_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the dataset and the beginning of the mark."""
        return f"{self.dataset} {self.shape[:8]}"
