"""A packet template: choices that a school uses again."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from jobs.models import Person, School, StoredFile
from jobs.models.tenancy import SchoolQuerySet
from packets.models.packets import TITLE_LENGTH

NAME_LENGTH = 100


class PacketTemplate(models.Model):
    """What a packet form is filled in with. A packet copies it: later changes concern later packets alone."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    """The pattern of a packet's title: see `packets.title_patterns`."""
    document_types = models.JSONField()
    """In the packet's order."""
    has_own_files = models.BooleanField(default=False)
    layout = models.JSONField(default=dict)
    """What differs from the usual layout: see `packets.layout`."""
    logo = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """On the cover; templates and packets may share it: see `packets.logos`."""
    changed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """Who made it or changed it last."""
    changed_at = models.DateTimeField()

    objects: ClassVar = SchoolQuerySet["PacketTemplate"].as_manager()

    class Meta:
        """A name means one template of a school."""

        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint("school", Lower("name"), name="packet_template_name_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name
