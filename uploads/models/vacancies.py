"""Jobs that employers offer, called vacancies here: a job is what the platform does."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import School
from jobs.models.tenancy import SchoolQuerySet
from uploads.models.students import Employer


class VacancyType(models.TextChoices):
    """How a vacancy employs somebody."""

    FULL_TIME = "full-time", _("Full time")
    PART_TIME = "part-time", _("Part time")
    INTERNSHIP = "internship", _("Internship")
    CO_OP = "co-op", _("Co-op")


class Vacancy(models.Model):
    """A job that an employer offers to a school's students, known by the number that the school gave."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    """The school's own number of it, as text."""
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="vacancies")
    title = models.CharField(max_length=200)
    vacancy_type = models.CharField(max_length=10, choices=VacancyType, blank=True)
    location = models.CharField(max_length=200, blank=True)
    salary = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """A year."""
    web_page = models.URLField(blank=True)
    closes_on = models.DateField(null=True, blank=True)
    """The last day to apply."""

    objects: ClassVar = SchoolQuerySet["Vacancy"].as_manager()

    class Meta:
        """A number is used once in a school."""

        verbose_name_plural = "vacancies"
        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "number"), name="vacancy_number_is_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="vacancy_has_a_number"),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title
