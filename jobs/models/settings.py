"""What admins changed of the settings, version by version."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from jobs.models.people import Person


class SettingsVersion(models.Model):
    """One change of the settings, with all overrides that hold since. The newest one is in force."""

    number = models.PositiveIntegerField(primary_key=True)
    """From 1, without gaps. Two changes at once want the same number, and the second is refused."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.TextField()
    overrides = models.JSONField(default=dict, blank=True)
    """All that differs from the settings file, in the shape of SWITCHYARD."""
    changes = models.JSONField(default=list)
    """What this version changed: path, before and after of each value; a school's weight is among them."""
    undoes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )

    class Meta:
        """Newest first; a change says why."""

        ordering = ("-number",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(why=""), name="settings_version_says_why"),
            models.CheckConstraint(condition=Q(number__gte=1), name="settings_versions_count_from_one"),
        ]

    def __str__(self) -> str:
        """Return the number."""
        return gettext("Version {number}").format(number=self.number)
