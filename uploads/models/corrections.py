"""Cells of an upload that a person corrected on its page."""

from typing import ClassVar

from django.db import models

from jobs.models import Person
from uploads.models.uploads import Upload


class Correction(models.Model):
    """What is read in place of a cell of an upload's file."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="corrections")
    row = models.PositiveIntegerField()
    """As a spreadsheet program counts."""
    place = models.PositiveSmallIntegerField()
    """Of the file's column, from 0."""
    was = models.TextField(blank=True)
    """What the file has; its beginning where that is long."""
    value = models.TextField(blank=True)
    corrected_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    corrected_at = models.DateTimeField()

    class Meta:
        """By row; a cell is one thing at a time."""

        ordering = ("row", "place")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("upload", "row", "place"), name="correction_cell_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the cell."""
        return f"upload {self.upload_id}, row {self.row}, column {self.place + 1}"
