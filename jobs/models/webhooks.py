"""Where a school is told that its jobs have ended, and what became of each message."""

import base64
import secrets
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models.jobs import GOOD_ENDS, Job
from jobs.models.people import Person, School
from jobs.models.tenancy import SchoolQuerySet

SECRET_BYTES = 32
"""Standard Webhooks asks for 24 to 64."""


def make_secret() -> str:
    """Return a new signing secret, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def make_message_id() -> str:
    """Return a new message id."""
    return f"msg_{secrets.token_hex(16)}"


class WebhookEndpoint(models.Model):
    """An address of a school's own software that is told when the school's jobs end."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=500)
    """It may hold a token of the receiver, so no log names it."""
    secret = models.CharField(max_length=120, default=make_secret)
    """Signs the messages; shown once. It is needed as it is, so only the database's own guard keeps it."""
    old_secret = models.CharField(max_length=120, blank=True, default="", db_default="")
    """The one before; it signs too until `old_secret_until`, so that a receiver changes when it can."""
    old_secret_until = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.TextField(blank=True)
    """A sentence."""
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = SchoolQuerySet["WebhookEndpoint"].as_manager()

    class Meta:
        """A school names each address once."""

        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "url"), name="webhook_address_is_unique"),
            models.CheckConstraint(
                condition=Q(old_secret="", old_secret_until=None)
                | (~Q(old_secret="") & Q(old_secret_until__isnull=False)),
                name="webhook_old_secret_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        """Return its id: the address may hold a token."""
        return f"webhook {self.pk}"

    def secrets_at(self, now: datetime) -> list[str]:
        """Return the secrets that sign at `now`, the newest first."""
        return [self.secret, self.old_secret] if self.signs_twice(now) else [self.secret]

    def signs_twice(self, now: datetime) -> bool:
        """Say whether the secret before signs too."""
        return self.old_secret_until is not None and now < self.old_secret_until

    @property
    def is_failing(self) -> bool:
        """Whether the last answer was a failure."""
        last = self.last_success_at
        return self.last_failure_at is not None and (last is None or last < self.last_failure_at)


class DeliveryState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("On its way")
    DELIVERED = "done", _("Delivered")
    FAILED = "failed", _("Not delivered")


class WebhookDelivery(models.Model):
    """One message to one endpoint. Its id and its contents stay the same, however often it is tried."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    about = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """The job that ended; None for a test."""
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    """The job that delivers the message."""
    message_id = models.CharField(max_length=60, unique=True, default=make_message_id)
    payload = models.JSONField()
    """What is told; no personal data."""
    attempts = models.PositiveIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    """Of the last answer; None when there was none."""
    answer = models.TextField(blank=True)
    """The beginning of the last answer, or what went wrong in its place."""
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = SchoolQuerySet["WebhookDelivery"].as_manager()

    class Meta:
        """Read by endpoint, newest first."""

        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("endpoint", "-id"), name="delivery_of_endpoint")]

    def __str__(self) -> str:
        """Return the message's id."""
        return self.message_id

    @property
    def state(self) -> DeliveryState:
        """What became of it: it is given up when its job is."""
        if self.delivered_at is not None:
            return DeliveryState.DELIVERED
        has_failed = self.job is not None and self.job.has_ended and self.job.state not in GOOD_ENDS
        return DeliveryState.FAILED if has_failed else DeliveryState.WAITING
