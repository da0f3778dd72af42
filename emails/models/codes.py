"""A verification code: only its keyed hash is kept."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Person, School
from jobs.models.tenancy import SchoolQuerySet


class CodeState(models.TextChoices):
    """Where a code stands."""

    WAITING = "waiting", _("On its way")
    FAILED = "failed", _("Not sent")
    SENT = "sent", _("Sent")
    USED = "used", _("Used")
    REPLACED = "replaced", _("Replaced by a newer one")


UNSENT_STATES = (CodeState.WAITING, CodeState.FAILED)
"""A code that failed is sent all the same when its job is retried."""
REPLACEABLE_STATES = (*UNSENT_STATES, CodeState.SENT)


class Code(models.Model):
    """One code that a person asked for. The code itself is in the mail and nowhere else."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64, blank=True)
    """Keyed with SECRET_KEY; empty until the worker makes the code."""
    state = models.CharField(max_length=8, choices=CodeState, default=CodeState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    """How often a code was entered against it."""
    network = models.CharField(max_length=64, blank=True)
    """Keyed hash of the network that it was asked for from; empty where that is not known."""
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    """When the relay accepted the mail."""
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SchoolQuerySet["Code"].as_manager()

    class Meta:
        """A person has one open code; a sent one has its hash and its times, a used one its time."""

        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("school", "requested_at"), name="code_of_school"),
            models.Index(
                fields=("network", "requested_at"), condition=~Q(network=""), name="code_of_network"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(state__in=("waiting", "sent")),
                name="code_open_is_one_for_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sent", "used"))
                | (Q(sent_at__isnull=False, expires_at__isnull=False) & ~Q(hash="")),
                name="code_sent_has_hash_and_times",
            ),
            models.CheckConstraint(
                condition=Q(state="used", used_at__isnull=False)
                | (~Q(state="used") & Q(used_at__isnull=True)),
                name="code_used_at_fits_its_state",
            ),
        ]

    def __str__(self) -> str:
        """Return the id and the state."""
        return f"Code {self.pk}, {self.state}"

    def keep_hash(self, hashed: str) -> bool:
        """Put `hashed` in place while the code is to be sent and return whether this call did it."""
        self.hash = hashed
        unsent = Code.objects.filter(pk=self.pk, state__in=UNSENT_STATES)
        return bool(unsent.update(hash=hashed, state=CodeState.WAITING))

    def mark_sent(self, *, now: datetime, expires_at: datetime) -> bool:
        """Move from unsent to sent, if the hash is still ours, and return whether this call did it.

        Also a code that was given up meanwhile: its mail left all the same.
        """
        ours = Code.objects.filter(pk=self.pk, state__in=UNSENT_STATES, hash=self.hash)
        return bool(ours.update(state=CodeState.SENT, sent_at=now, expires_at=expires_at))

    def note_sent(self, *, now: datetime) -> None:
        """Note that the mail left although a newer code had replaced this one meanwhile: limits count it."""
        Code.objects.filter(pk=self.pk, state=CodeState.REPLACED, sent_at=None).update(sent_at=now)

    def count_try(self, *, now: datetime, limit: int) -> bool:
        """Count one try of at most `limit` before it is compared and return whether there was one left."""
        live = Code.objects.filter(pk=self.pk, state=CodeState.SENT, expires_at__gt=now, tries__lt=limit)
        return bool(live.update(tries=models.F("tries") + 1))

    def use(self, *, now: datetime) -> bool:
        """Move from sent to used and return whether this call did it."""
        sent = Code.objects.filter(pk=self.pk, state=CodeState.SENT)
        return bool(sent.update(state=CodeState.USED, used_at=now))
