"""What keeps strangers from guessing passwords: tries taken, and networks that a person is known from."""

from typing import ClassVar

from django.db import models

from jobs.models.people import Person, School
from jobs.models.tenancy import SchoolQuerySet


class PasswordTries(models.Model):
    """How often passwords were tried within a window, by what a guard looks at."""

    subject = models.CharField(max_length=64, primary_key=True)
    """Keyed hash of an address, a network, or both; whether anyone has that address does not show."""
    tries = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)
    """When the window ends; the first try after that begins another."""

    def __str__(self) -> str:
        """Return the tries and the end of the window."""
        return f"{self.tries} tries until {self.ends_at}"


class FamiliarNetwork(models.Model):
    """A network from which a person has signed in."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=64)
    """Keyed hash, as `jobs.clients.network_of` makes it."""
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        """One row for each network of a person."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("person", "network"), name="familiar_network_is_one"),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"A network of person {self.person_id}"


class PersonEvent(models.Model):
    """Something that was done about a person, for the audit; rows are only added."""

    at = models.DateTimeField()
    what = models.CharField(max_length=200)
    """What was done, as a page says it after who did it."""
    about = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    """None when they did it themselves without being signed in, or a command did."""
    school = models.ForeignKey(School, null=True, on_delete=models.PROTECT, related_name="+")
    """The school of the person whom it is about; None for ops and admins of the platform."""
    change = models.JSONField(null=True, blank=True)
    """What can be taken back: the `name` of the person's column, its value `before` and `after`."""

    objects: ClassVar = SchoolQuerySet["PersonEvent"].as_manager()

    class Meta:
        """Newest first."""

        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="person_event_of_school")]

    def __str__(self) -> str:
        """Return what was done."""
        return self.what
