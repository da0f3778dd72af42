"""What is known of an outside service: whether work may go to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BreakerState(models.TextChoices):
    """Where a breaker stands."""

    CLOSED = "closed", _("Works")
    OPEN = "open", _("Does not work")
    HALF_OPEN = "half-open", _("Is being tried")


class Breaker(models.Model):
    """The breaker of one outside service, or of one use of it. No row means: closed, and never failed."""

    name = models.CharField(max_length=300, primary_key=True)
    """Such as `webhook:host:port`."""
    state = models.CharField(max_length=9, choices=BreakerState, default=BreakerState.CLOSED)
    failures = models.PositiveIntegerField(default=0)
    """Failures since the last success."""
    last_failure = models.TextField(blank=True)
    """A sentence, without personal data."""
    pause_seconds = models.FloatField(default=0)
    """The pause at whose end it lets the next probe through."""
    probe = models.PositiveBigIntegerField(default=0)
    """Grows with each probe; only the newest one may open the breaker again."""
    opened_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    """When the next probe may begin; while one is on its way, when it is given up."""

    class Meta:
        """A breaker that is not closed knows since when and until when."""

        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="closed") | Q(opened_at__isnull=False, retry_at__isnull=False),
                name="breaker_that_is_not_closed_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        """Return the name and the state."""
        return f"{self.name} {self.state}"
