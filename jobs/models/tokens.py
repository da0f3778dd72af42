"""A token: what lets a school's own programs in, and what they may do."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.people import Person, School
from jobs.models.tenancy import SchoolQuerySet


class Scope(models.TextChoices):
    """What a token lets a program do."""

    READ = "jobs:read", _("See jobs and their results")
    SUBMIT = "jobs:submit", _("Submit jobs")
    CHANGE = "jobs:change", _("Stop, retry, pause and resume jobs")
    WORKERS = "workers:scale", _("See and set how many workers the lanes have")

    @property
    def is_of_platform(self) -> bool:
        """Whether only a token of the platform's own school may have it, since it concerns all schools."""
        return self is Scope.WORKERS

    @classmethod
    def of_schools(cls) -> list["Scope"]:
        """Return those that a school's own token may have."""
        return [scope for scope in cls if not scope.is_of_platform]


class ApiToken(models.Model):
    """One token of a school. Its text is shown once and not kept; make it with `jobs.tokens.make`.

    It belongs to the school: it stays valid when the person who made it leaves.
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=100)
    """Which program has it, in the words of the person who made it."""
    prefix = models.CharField(max_length=8, unique=True)
    """The token's first characters after `sy_`: they find its row, and name it on pages."""
    digest = models.CharField(max_length=64)
    """A keyed hash of the whole text."""
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    """Written at most once a minute."""
    expires_at = models.DateTimeField(null=True, blank=True)
    """None for never."""
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SchoolQuerySet["ApiToken"].as_manager()

    class Meta:
        """Listed by school, newest first."""

        verbose_name = "token"
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="token_of_school")]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def is_valid(self, *, now: datetime) -> bool:
        """Say whether it lets anyone in at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def allows(self, scope: Scope) -> bool:
        """Say whether it was made for `scope`."""
        return scope in self.scopes

    @property
    def scope_labels(self) -> list[str]:
        """What it lets a program do, for pages."""
        return [str(Scope(scope).label) for scope in self.scopes]


class TokenEvent(models.Model):
    """Something that was done about a token, for the audit; PostgreSQL refuses to change or delete it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    what = models.CharField(max_length=10)
    """`made` or `revoked`."""
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """None when a command did it."""
    why = models.CharField(max_length=300, blank=True)

    objects: ClassVar = SchoolQuerySet["TokenEvent"].as_manager()

    class Meta:
        """Newest first."""

        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="token_event_of_school")]

    def __str__(self) -> str:
        """Return what was done."""
        return self.what
