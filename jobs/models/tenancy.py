"""Every row of a school's data is reached through its school."""

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from jobs.models.people import Person

Row = TypeVar("Row", bound=models.Model)


class SchoolQuerySet(models.QuerySet[Row]):
    """Rows that carry a school."""

    def visible_to(self, person: "Person") -> Self:
        """Return the rows of the person's own school; ops and admins without one see every school's."""
        if person.school_id is None:
            return self.all() if person.sees_operations else self.none()
        return self.filter(school_id=person.school_id)
