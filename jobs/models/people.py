"""Schools and the people who work with the platform."""

from contextlib import suppress
from datetime import tzinfo
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jobs import rights
from jobs.postgres.readers import Reader
from jobs.rights import Right

PLATFORM = "platform"
"""The short name of the platform's own school."""


class SchoolManager(models.Manager["School"]):
    """Finds the platform's own school."""

    def platform(self) -> "School":
        """Return the school of the platform's own jobs, which has no people; made at its first use."""
        return self.get_or_create(slug=PLATFORM, defaults={"name": "Switchyard operations"})[0]


class School(models.Model):
    """A university whose career office uses the platform; all data belongs to one."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    weight = models.FloatField(default=1)
    """Its share of a lane against other schools; 2 gets twice what 1 gets."""
    history_days = models.PositiveIntegerField(null=True, blank=True)
    """How long its ended jobs are kept, in days; empty for the platform's own number."""
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    """In which its people see and type times, such as Europe/Berlin; empty for that of the platform."""
    is_on = models.BooleanField(default=True, db_default=True)
    """Whether its people and programs are let in; `jobs.schools` switches it off, and holds its work."""
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[SchoolManager] = SchoolManager()

    class Meta:
        """Weight and days are positive numbers."""

        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(weight__gt=0), name="school_weight_is_positive"),
            models.CheckConstraint(
                condition=Q(history_days=None) | Q(history_days__gte=1), name="school_history_is_positive"
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def zone(self) -> tzinfo:
        """Its time zone; that of the platform too where this machine does not know the name."""
        if self.time_zone:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                return ZoneInfo(self.time_zone)
        return timezone.get_default_timezone()

    def tell_time_in(self, name: str) -> bool:
        """Take the time zone of this name, empty for that of the platform; return whether it is another."""
        others = School.objects.filter(pk=self.pk).exclude(time_zone=name)
        self.time_zone = name
        return bool(others.update(time_zone=name))


class Role(models.TextChoices):
    """What a person may do."""

    STAFF = "staff", _("Career office staff")
    SENDER = "sender", _("Sender whose mailings are approved")
    APPROVER = "approver", _("Approver of mailings")
    MANAGER = "manager", _("Administrator of a school")
    AUDITOR = "auditor", _("Auditor")
    OPS = "ops", _("Operations")
    ADMIN = "admin", _("Administrator")


class MailChoice(models.TextChoices):
    """When a person is mailed what they are told; on the pages they are told in any case."""

    ALWAYS = "always", _("Always")
    LONG = "long", _("Only when it took longer than five minutes")
    NEVER = "never", _("Never")


PLATFORM_ROLES = (Role.OPS, Role.ADMIN)
"""The others work for a school."""


class PersonManager(BaseUserManager["Person"]):
    """Makes people, and finds each with their school: every page names it and tells times in its zone."""

    def get_queryset(self) -> models.QuerySet["Person"]:
        """Return all people."""
        return super().get_queryset().select_related("school")

    def select_for_update(self, *args: Any, **kwargs: Any) -> models.QuerySet["Person"]:
        """Return all people to be locked, without their schools: rows that may be missing are not."""
        return super().get_queryset().select_for_update(*args, **kwargs)

    def get(self, *arguments: Any, **fields: Any) -> "Person":
        """Do as Django does; by id alone, as each request asks for its person, without composing a query."""
        if arguments or fields.keys() != {"pk"} or self._db is not None:
            return super().get(*arguments, **fields)
        return _reader().read(fields["pk"])

    def create_user(self, *, email: str, password: str, name: str, **fields: Any) -> "Person":
        """Make a person who signs in with `email` and `password`."""
        person = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, *, email: str, password: str, name: str, **fields: Any) -> "Person":
        """Make an administrator who may also use Django's own admin."""
        return self.create_user(
            email=email, password=password, name=name, role=Role.ADMIN, is_superuser=True, **fields
        )


@cache
def _reader() -> "Reader[Person]":
    return Reader(Person, along="school")


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in: staff of one school, or ops and admins of the platform."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(max_length=10, choices=Role, default=Role.STAFF)
    is_active = models.BooleanField(default=True)
    mails = models.CharField(
        max_length=6, choices=MailChoice, default=MailChoice.LONG, db_default=MailChoice.LONG.value
    )
    """When they are mailed that a job of theirs ended."""
    unread = models.PositiveIntegerField(default=0, db_default=0)
    """How many notifications they have not read: kept, so that no page counts them."""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        """Who works for a school belongs to one."""

        verbose_name_plural = "people"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(role__in=("ops", "admin")) | Q(school__isnull=False),
                name="school_roles_have_a_school",
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether Django's own admin lets the person in: superusers only."""
        return self.is_superuser

    @property
    def is_let_in(self) -> bool:
        """Whether the person may sign in: they themselves, and their school."""
        return self.is_active and (self.school is None or self.school.is_on)

    @property
    def sees_operations(self) -> bool:
        """Whether the person may see the ops page and Flower."""
        return rights.has(self.role, Right.OPERATE)

    @property
    def changes_settings(self) -> bool:
        """Whether the person may change lanes, routes, limits and weights."""
        return rights.has(self.role, Right.SETTINGS)

    @property
    def may_work(self) -> bool:
        """Whether the person may start and change jobs."""
        return rights.has(self.role, Right.WORK)

    @property
    def may_send(self) -> bool:
        """Whether the person may send mailings."""
        return rights.has(self.role, Right.SEND)

    @property
    def keeps_programs(self) -> bool:
        """Whether the person may make tokens and webhooks."""
        return rights.has(self.role, Right.PROGRAMS)

    @property
    def manages_people(self) -> bool:
        """Whether the person may invite people and change their roles."""
        return rights.has(self.role, Right.PEOPLE)

    @property
    def sees_audit(self) -> bool:
        """Whether the person may see what was done about people."""
        return rights.has(self.role, Right.AUDIT)


def words_for(person: Person | None, *, program: str) -> str:
    """Return who did something, as pages say it after "by"; empty for the platform itself.

    `program` is the name of the token by which it came, `person` then who made that.
    """
    if not program:
        return person.name if person else ""
    if person is None:
        return gettext("the program {program}").format(program=program)
    words = gettext("the program {program} (its token was made by {person})")
    return words.format(program=program, person=person.name)
