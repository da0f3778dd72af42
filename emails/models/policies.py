"""How a school sends the files of its mailings; each change is a row, and the newest holds."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Person, School
from jobs.models.tenancy import SchoolQuerySet


class AttachmentWay(models.TextChoices):
    """How files go with a mailing, in the words of the pages."""

    ATTACH = "attach", _("Always attach files")
    LINK = "link", _("Send large files as links")
    CHOOSE = "choose", _("Whoever sends a mailing chooses")


class AttachmentPolicy(models.Model):
    """What a person of the school chose at one time. Rows never change, so that one can see who did what."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=AttachmentWay)
    link_above_megabytes = models.FloatField()
    """Files that weigh more together than this go as links; with `choose` that is what is proposed."""
    set_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField()

    objects: ClassVar = SchoolQuerySet["AttachmentPolicy"].as_manager()

    class Meta:
        """By school, newest first."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(link_above_megabytes__gte=0), name="attachment_policy_limit_is_no_less_than_0"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="attachment_policy_of_school")]

    def __str__(self) -> str:
        """Return the choice."""
        return f"{self.get_way_display()} ({self.link_above_megabytes:g} MB)"
