"""What the parts of a packet's job made ready."""

from typing import ClassVar

from django.db import models

from jobs.models import School
from jobs.models.tenancy import SchoolQuerySet
from packets.models.packets import Packet


def chunk_path(chunk: "Chunk", _name: str) -> str:
    """Return the path below the storage's root: all chunks of a packet are in one folder."""
    return f"{chunk_folder(chunk.packet)}/{chunk.edition}-{chunk.number}.pdf"


def chunk_folder(packet: Packet) -> str:
    """Return the folder of the packet's chunks below the storage's root."""
    return f"{packet.school_id}/chunks/{packet.pk}"


class Chunk(models.Model):
    """What one part of the job found to be usable. Gone once the packet has its result."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="chunks")
    edition = models.PositiveIntegerField(default=1)
    """The building of the packet that it is for."""
    number = models.PositiveIntegerField()
    """Place in the packet, from 0; the part of the job with this number made it."""
    contents = models.JSONField()
    """In order: `{"student": student id, "documents": [[type, pages, SHA-256, document id], ...]}`."""
    documents = models.PositiveIntegerField()
    """Documents in it."""
    left_out = models.PositiveIntegerField()
    file = models.FileField(upload_to=chunk_path, blank=True, max_length=200)
    """The PDF that workers of before there were pieces made of it; new ones make none."""

    objects: ClassVar = SchoolQuerySet["Chunk"].as_manager()

    class Meta:
        """A part makes one chunk, however often it runs."""

        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("packet", "edition", "number"), name="chunk_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the packet's id and the number."""
        return f"{self.packet_id}/{self.number}"
