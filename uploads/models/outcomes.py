"""Where students went first after they graduated."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import School
from jobs.models.tenancy import SchoolQuerySet
from uploads.models.students import Student


class OutcomeStatus(models.TextChoices):
    """What a graduate does first."""

    EMPLOYED = "employed", _("Employed")
    STUDYING = "studying", _("Further study")
    SERVING = "serving", _("Military or volunteer service")
    SEEKING = "seeking", _("Still seeking")
    NOT_SEEKING = "not-seeking", _("Not seeking")


class Outcome(models.Model):
    """A student's first destination after graduation; each student has one."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    student = models.OneToOneField(Student, on_delete=models.PROTECT, related_name="outcome")
    status = models.CharField(max_length=11, choices=OutcomeStatus)
    employer_name = models.CharField(max_length=200, blank=True)
    """As the graduate wrote it: not only employers that the school works with."""
    title = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    started_on = models.DateField(null=True, blank=True)
    salary = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """A year."""

    objects: ClassVar = SchoolQuerySet["Outcome"].as_manager()

    class Meta:
        """Oldest first."""

        ordering = ("id",)

    def __str__(self) -> str:
        """Return the status and the student's id."""
        return f"{self.status}: student {self.student_id}"
