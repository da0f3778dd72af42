"""Who outside of the school gets a packet: links for employers, and mails."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, Person, School
from jobs.models.tenancy import SchoolQuerySet
from packets.models.packets import Packet

NAME_LENGTH = 150
SAID_LENGTH = 500


class Share(models.Model):
    """A link to the file of a packet, for one recipient, who does not sign in."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="shares")
    form_key = models.UUIDField()
    """Of the form that made it and its choices, so that sending it twice makes one link."""
    name = models.CharField(max_length=NAME_LENGTH)
    email = models.EmailField(blank=True)
    password = models.CharField(max_length=128, blank=True)
    """Hashed; empty for a link that asks for none."""
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    views = models.PositiveIntegerField(default=0)
    """How often its page was opened, with the password where there is one."""
    downloads = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    """The last time of either."""

    objects: ClassVar = SchoolQuerySet["Share"].as_manager()

    class Meta:
        """Oldest first."""

        ordering = ("id",)

    def __str__(self) -> str:
        """Return the id: the link carries it too."""
        return f"Share {self.pk}"

    def is_open(self, *, now: datetime) -> bool:
        """Whether the link works, as far as it knows: the packet's file may be gone."""
        return self.revoked_at is None and now < self.expires_at

    def count_view(self, *, now: datetime) -> None:
        """Count that the page was opened."""
        Share.objects.filter(pk=self.pk).update(views=F("views") + 1, seen_at=now)

    def count_download(self, *, now: datetime) -> bool:
        """Count that the file is fetched, if the link still works; return whether it does."""
        still_open = Share.objects.filter(pk=self.pk, revoked_at=None, expires_at__gt=now)
        return bool(still_open.update(downloads=F("downloads") + 1, seen_at=now))

    def revoke(self, *, by: Person, now: datetime) -> bool:
        """Let the link work no more and return whether this call did it."""
        still_there = Share.objects.filter(pk=self.pk, revoked_at=None)
        return bool(still_there.update(revoked_at=now, revoked_by=by))


class DeliveryState(models.TextChoices):
    """What became of a mail, in the words of the pages."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    ACCEPTED = "accepted", _("Sent")
    REFUSED = "refused", _("Refused")
    UNCERTAIN = "uncertain", _("Uncertain")


class Delivery(models.Model):
    """A mail by which one recipient gets a packet: its link, or the file itself."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="deliveries")
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    """The job that sends it; None once that is pruned."""
    form_key = models.UUIDField()
    share = models.OneToOneField(Share, null=True, on_delete=models.CASCADE, related_name="delivery")
    """The link in the mail; None where the file is attached."""
    name = models.CharField(max_length=NAME_LENGTH)
    email = models.EmailField()
    message = models.CharField(max_length=2000, blank=True)
    """What the sender wrote."""
    message_id = models.CharField(max_length=255)
    requested_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    said = models.CharField(max_length=SAID_LENGTH, blank=True)
    """Why it was not sent, as a sentence."""
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar = SchoolQuerySet["Delivery"].as_manager()

    class Meta:
        """Oldest first."""

        verbose_name_plural = "deliveries"
        ordering = ("id",)

    def __str__(self) -> str:
        """Return the id: an address does not belong into logs."""
        return f"Delivery {self.pk}"

    def begin(self) -> bool:
        """Move to sending, before the first byte leaves, and return whether this call did it."""
        ready = (DeliveryState.WAITING, DeliveryState.REFUSED)
        return bool(self._update(Q(state__in=ready), state=DeliveryState.SENDING, said=""))

    def end(self, state: DeliveryState, *, now: datetime | None = None, said: str = "") -> bool:
        """Move from sending to `state` and return whether this call did it; accepted is also known late."""
        late = Q(state=DeliveryState.UNCERTAIN) if state == DeliveryState.ACCEPTED else Q(pk=None)
        before = Q(state=DeliveryState.SENDING) | late
        return bool(self._update(before, state=state, ended_at=now, said=said[:SAID_LENGTH]))

    def _update(self, before: Q, **changes: object) -> int:
        return int(Delivery.objects.filter(before, pk=self.pk).update(**changes))
