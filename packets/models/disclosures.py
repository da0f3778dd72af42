"""The record of who got a packet's file: rows are added, and the database lets none be changed or deleted."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import School
from jobs.models.tenancy import SchoolQuerySet


class DisclosureWay(models.TextChoices):
    """How somebody got a packet, in the words of the pages."""

    DOWNLOADED = "downloaded", _("Downloaded")
    BY_PROGRAM = "program", _("Fetched by a program")
    BY_LINK = "link", _("Downloaded by a link")
    MAILED_LINK = "mailed-link", _("Link mailed")
    MAILED_FILE = "mailed-file", _("File mailed")
    MAY_HAVE_LINK = "uncertain-link", _("Link mailed, perhaps")
    MAY_HAVE_FILE = "uncertain-file", _("File mailed, perhaps")


class Disclosure(models.Model):
    """One time that somebody got a packet, or a link to it; it outlives the packet."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    way = models.CharField(max_length=14, choices=DisclosureWay)
    packet_number = models.BigIntegerField()
    """The packet's id."""
    packet_title = models.CharField(max_length=150)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    """Of the file."""
    by = models.CharField(max_length=400)
    """Who gave it: a person of the school with their address, or a program."""
    name = models.CharField(max_length=150)
    """Who got it."""
    email = models.CharField(max_length=254, blank=True)
    students = ArrayField(models.BigIntegerField(), null=True)
    """Whose documents the file held, by id; None for entries of before this was noted."""

    objects: ClassVar = SchoolQuerySet["Disclosure"].as_manager()

    class Meta:
        """Newest first."""

        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("school", "-id"), name="disclosure_of_school"),
            models.Index(fields=("packet_number", "-id"), name="disclosure_of_packet"),
            GinIndex(fields=("students",), name="disclosure_of_student"),
        ]

    def __str__(self) -> str:
        """Return the id: names do not belong into logs."""
        return f"Disclosure {self.pk}"
