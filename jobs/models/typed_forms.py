"""What people typed into forms that they have not sent yet."""

from typing import ClassVar

from django.db import models

from jobs.models.people import Person, School


class TypedForm(models.Model):
    """One form as one person left it."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    form = models.CharField(max_length=60)
    """Which one, such as `mailing` for a new one."""
    fields = models.TextField()
    """The fields as a query."""
    typed_at = models.DateTimeField()

    class Meta:
        """One of each form."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("person", "form"), name="typed_form_of_a_person_is_one"),
        ]

    def __str__(self) -> str:
        """Return which form of whom."""
        return f"{self.form} of {self.person_id}"
