"""A link by which a person sets their password: on an invitation, or as they forgot theirs."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Person


class LinkPurpose(models.TextChoices):
    """Why a link was asked for."""

    INVITATION = "invitation", _("Invitation")
    RESET = "reset", _("Forgotten password")


class PasswordLink(models.Model):
    """One link that was asked for. Its secret is in the mail and nowhere else."""

    purpose = models.CharField(max_length=10, choices=LinkPurpose)
    email = models.EmailField()
    """As it was typed; whether anyone has this address the worker finds out, and no page."""
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    """Whom it lets set a password; None until the worker has found them."""
    hash = models.CharField(max_length=64, blank=True, db_index=True)
    """Keyed with SECRET_KEY; empty until the worker makes the secret."""
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    """When it was used, or ended because another one was."""

    class Meta:
        """Newest first; one that was sent has its secret, its person and its end."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | (Q(person__isnull=False, expires_at__isnull=False) & ~Q(hash="")),
                name="password_link_sent_is_whole",
            ),
        ]

    def __str__(self) -> str:
        """Return the id and the purpose."""
        return f"Password link {self.pk}, {self.purpose}"

    @property
    def owner(self) -> Person:
        """Who sets a password by it, once the worker has found them."""
        assert self.person is not None  # noqa: S101 - asked for what was sent only
        return self.person

    def use(self, *, now: datetime) -> bool:
        """End the link and return whether this call did it."""
        return bool(PasswordLink.objects.filter(pk=self.pk, used_at=None).update(used_at=now))
