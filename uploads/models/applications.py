"""Which students applied to which vacancies."""

from typing import ClassVar

from django.db import models

from jobs.directory import ApplicationStatus
from jobs.models import School
from jobs.models.tenancy import SchoolQuerySet
from uploads.models.students import Student
from uploads.models.vacancies import Vacancy


class Application(models.Model):
    """One student's application to one vacancy, and how far it came."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="applications")
    vacancy = models.ForeignKey(Vacancy, on_delete=models.PROTECT, related_name="applications")
    status = models.CharField(max_length=9, choices=ApplicationStatus)
    applied_on = models.DateField(null=True, blank=True)

    objects: ClassVar = SchoolQuerySet["Application"].as_manager()

    class Meta:
        """A student applies to a vacancy once."""

        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("vacancy", "student"), name="application_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the status and the ids."""
        return f"{self.status}: student {self.student_id}, vacancy {self.vacancy_id}"
