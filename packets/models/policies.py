"""What a school chose for its packets; each change is a row, and the newest holds."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import Person, School
from jobs.models.tenancy import SchoolQuerySet

NOTICE_LENGTH = 2000


class PacketPolicy(models.Model):
    """What a person of the school chose at one time. Rows never change, so that one can see who did what."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    needs_consent = models.BooleanField()
    """Whether a document goes into packets only if its student released it; else unless they refused."""
    kept_days = models.PositiveIntegerField(null=True)
    """How long the files of packets are kept. Where this or a limit is not set, the platform's holds."""
    most_documents = models.PositiveIntegerField(null=True)
    most_megabytes = models.PositiveIntegerField(null=True)
    most_pages = models.PositiveIntegerField(null=True)
    notice = models.CharField(max_length=NOTICE_LENGTH, blank=True)
    """What recipients read before they get a file; empty for the usual words."""
    set_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField()

    objects: ClassVar = SchoolQuerySet["PacketPolicy"].as_manager()

    class Meta:
        """By school, newest first."""

        verbose_name_plural = _("packet policies")
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="packet_policy_of_school")]

    def __str__(self) -> str:
        """Return when it was chosen."""
        return f"Packets since {self.set_at:%Y-%m-%d}"
