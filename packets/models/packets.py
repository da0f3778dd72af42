"""What a person asked for: chosen students' documents in one PDF."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, Person, School, StoredFile
from jobs.models.tenancy import SchoolQuerySet

TITLE_LENGTH = 150


class DocumentType(models.TextChoices):
    """Which documents of a student a packet can hold, in its order."""

    RESUME = "resume", _("Résumé")
    TRANSCRIPT = "transcript", _("Transcript")


class Packet(models.Model):
    """What a person asked for, and the file that came of it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=100)
    """Form and content as a digest: the same request sent twice is one packet."""
    title = models.CharField(max_length=TITLE_LENGTH)
    document_types = models.JSONField()
    """The types that were chosen, in the packet's order."""
    has_own_files = models.BooleanField(default=False, db_default=False)
    """Whether each student's own PDF is wanted too: see `packets.parting`."""
    layout = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    """What differs from the usual layout: see `packets.layout`."""
    logo = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    """On the cover. A template that has another one later changes no packet."""
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    job = models.OneToOneField(Job, null=True, on_delete=models.PROTECT, related_name="packet")
    result = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    pages = models.PositiveIntegerField(default=0)
    """Pages of the result."""
    bound = models.PositiveIntegerField(default=0, db_default=0)
    """Documents that its finish has bound so far."""
    edition = models.PositiveIntegerField(default=1)
    """Which building of it counts; a retry begins another."""
    built = models.PositiveIntegerField(default=0)
    """The edition that the result holds; 0 while there is none."""
    held = ArrayField(models.BigIntegerField(), null=True)
    """Students whose documents the result has, by id; None for one of before this was noted."""
    kept_until = models.DateTimeField(null=True)
    """When its files are deleted; None for those that are kept as long as the job."""
    purged_at = models.DateTimeField(null=True)
    """When they were; None while they are there, or before there are any."""

    objects: ClassVar = SchoolQuerySet["Packet"].as_manager()

    class Meta:
        """One packet for each request; a result has pages."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "key"), name="packet_key_is_unique"),
            models.CheckConstraint(
                condition=Q(result__isnull=True, pages=0) | Q(result__isnull=False, pages__gte=1),
                name="packet_result_has_pages",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("school", "-id"), name="packet_of_school"),
            models.Index(
                fields=("kept_until",), condition=Q(result__isnull=False), name="packet_by_end_of_files"
            ),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def is_built(self) -> bool:
        """Whether the result is that of the newest edition."""
        return self.built == self.edition
