"""Who is told of incidents, by mail or webhook, once they confirmed that they want it."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs.models.webhooks import make_secret


def make_token() -> str:
    """Return what stands in a subscriber's own links."""
    return secrets.token_urlsafe(24)


class StatusSubscriber(models.Model):
    """An address that wants to be told; not until it was confirmed by a link that only it got."""

    email = models.EmailField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    """Of a webhook; it may hold a token of the receiver, so no log names it."""
    secret = models.CharField(max_length=120, default=make_secret)
    """Signs a webhook's messages."""
    token = models.CharField(max_length=40, unique=True, default=make_token)
    site = models.CharField(max_length=200)
    """How its links begin: where the person asked."""
    asked_at = models.DateTimeField()
    """When it was last asked whether it wants to be told."""
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """An address once, of one sort."""

        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email="") ^ Q(url=""), name="subscriber_has_one_address"),
            models.UniqueConstraint(
                fields=("email",), condition=~Q(email=""), name="subscriber_mails_are_unique"
            ),
            models.UniqueConstraint(fields=("url",), condition=~Q(url=""), name="subscriber_urls_are_unique"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=("asked_at",), condition=Q(confirmed_at__isnull=True), name="subscriber_not_confirmed"
            )
        ]

    def __str__(self) -> str:
        """Return its id: the address is nobody else's business."""
        return f"subscriber {self.pk}"

    @property
    def channel(self) -> str:
        """How it is told: `mail` or `webhook`."""
        return "webhook" if self.url else "mail"
