"""Every row of a school's data is reached through its school."""

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from jobs.models.people import Person

Row = TypeVar("Row", bound=models.Model)


class SchoolQuerySet(models.QuerySet[Row]):
    """Rows that carry a school."""

    def visible_to(self, person: "Person | AnonymousUser") -> Self:
        """Return the rows of the person's own school; ops and admins without one see every school's."""
        if not person.is_authenticated:
            return self.none()
        if person.school_id is None:
            return self.all() if person.sees_operations else self.none()
        return self.filter(school_id=person.school_id)
