"""What is known of a mail relay."""

from typing import ClassVar

from django.db import models


class RelayOffer(models.Model):
    """What the relay at this host and port said when a process connected to it last."""

    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    most_bytes = models.BigIntegerField()
    """The largest mail that it takes; 0 when it names none."""
    starttls = models.BooleanField()
    chunking = models.BooleanField()
    utf8 = models.BooleanField()
    """Addresses with letters beyond ASCII (SMTPUTF8)."""
    told_at = models.DateTimeField()

    class Meta:
        """One row for each relay."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("host", "port"), name="relay_offer_is_one_of_its_relay"),
        ]

    def __str__(self) -> str:
        """Return where the relay is."""
        return f"{self.host}:{self.port}"
