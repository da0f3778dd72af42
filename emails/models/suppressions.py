"""The suppression list of a school: addresses that get no more of its mailings."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Person, School
from jobs.models.tenancy import SchoolQuerySet

WORDS_LENGTH = 500


class SuppressionReason(models.TextChoices):
    """Why an address gets no more mailings, in the words of the pages."""

    UNSUBSCRIBED = "unsubscribed", gettext_lazy("Unsubscribed")
    BOUNCED = "bounced", gettext_lazy("Mail came back")
    COMPLAINED = "complained", gettext_lazy("Called it spam")
    STAFF = "staff", gettext_lazy("Added by staff")


class Suppression(models.Model):
    """One address, from when it was added until it is removed. It is found by its hash alone.

    The row stays when the address is removed from the list, so that one can see who did it and why.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64)
    """Of the address, keyed: see `emails.hashing`."""
    address = models.CharField(max_length=254, blank=True)
    """Empty once the person's data were erased; then only the hash is kept."""
    reason = models.CharField(max_length=12, choices=SuppressionReason)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    """What the other mail server said, or why staff added it."""
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """None when the recipient or a bounce did."""
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    removal_words = models.CharField(max_length=WORDS_LENGTH, blank=True)

    objects: ClassVar = SchoolQuerySet["Suppression"].as_manager()

    class Meta:
        """An address is on a school's list once; the index of that is what sending asks."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("school", "hash"),
                condition=Q(removed_at__isnull=True),
                name="suppression_is_one_for_an_address",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="suppression_of_school")]

    def __str__(self) -> str:
        """Return the id and the reason: an address is personal data."""
        return f"Suppression {self.pk}, {self.reason}"

    @property
    def shown(self) -> str:
        """What pages call it."""
        return self.address or _("An erased address")

    def remove(self, *, by: Person | None, words: str, now: datetime) -> bool:
        """Take the address off the list and return whether this call did it."""
        there = Suppression.objects.filter(pk=self.pk, removed_at=None)
        return bool(there.update(removed_at=now, removed_by=by, removal_words=words[:WORDS_LENGTH]))
