"""The students of a packet, and which of their documents it could not take."""

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from jobs.models import School
from jobs.models.tenancy import SchoolQuerySet
from packets.models.packets import Packet


class PacketStudent(models.Model):
    """One chosen student. Other apps keep the students, so it holds the id and the name of the day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="students")
    student_id = models.BigIntegerField()
    position = models.PositiveIntegerField()
    """Place in the packet, from 0."""
    name = models.CharField(max_length=250)
    missing_types = models.JSONField(default=list)
    """The wanted document types of which the student had none when the packet was planned."""
    withheld_types = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    """The document types of the student that are there, but not released to employers."""
    repaired_types = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    """The document types of the student that were damaged and could be repaired without loss."""
    major = models.CharField(max_length=250, blank=True, default="", db_default="")
    graduation_year = models.PositiveSmallIntegerField(null=True)
    pages = models.PositiveIntegerField(default=0)
    """Pages of the student's documents in the result."""
    first_page = models.PositiveIntegerField(default=0, db_default=0)
    """The first of them in the result, from 1; 0 while there is none."""

    objects: ClassVar = SchoolQuerySet["PacketStudent"].as_manager()

    class Meta:
        """A student is in a packet once."""

        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("packet", "student_id"), name="packet_student_is_unique"),
            models.UniqueConstraint(fields=("packet", "position"), name="packet_position_is_unique"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("school", "student_id"), name="packet_student_of_student"),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class LeftOut(models.Model):
    """One document that is not in the packet, with the reason."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="left_out")
    student = models.ForeignKey(PacketStudent, on_delete=models.CASCADE, related_name="left_out")
    document_id = models.BigIntegerField()
    file_name = models.CharField(max_length=255, blank=True)
    """Empty when the document was gone before it could be read."""
    reason = models.CharField(max_length=250)
    """A sentence for the person who asked for the packet."""

    objects: ClassVar = SchoolQuerySet["LeftOut"].as_manager()

    class Meta:
        """A document is left out once."""

        verbose_name = _("document left out")
        verbose_name_plural = _("documents left out")
        ordering = ("student__position", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("packet", "document_id"), name="left_out_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the file's name."""
        return self.file_name
