"""A school's students and employers, and the students' documents."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import School, StoredFile
from jobs.models.tenancy import SchoolQuerySet

EARLIEST_YEAR = 1950
LATEST_YEAR = 2100


class Release(models.TextChoices):
    """Whether a student lets a kind of document go to employers."""

    UNSAID = "", _("Not said")
    YES = "yes", _("Released")
    NO = "no", _("Refused")


class Student(models.Model):
    """A student of a school, known by the number that the school gave."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    """The school's own student number, as text: it may start with zeros."""
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.EmailField()
    major = models.CharField(max_length=120, blank=True)
    graduation_year = models.PositiveSmallIntegerField(null=True, blank=True)
    resume_release = models.CharField(max_length=3, choices=Release, blank=True, default="", db_default="")
    """What the student said about employers getting their résumé; empty while nothing was said."""
    transcript_release = models.CharField(
        max_length=3, choices=Release, blank=True, default="", db_default=""
    )
    """The same of their transcript."""

    objects: ClassVar = SchoolQuerySet["Student"].as_manager()

    class Meta:
        """A number is used once in a school; the indexes serve the filters."""

        ordering = ("last_name", "first_name", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "number"), name="student_number_is_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="student_has_a_number"),
            models.CheckConstraint(
                condition=Q(graduation_year__isnull=True)
                | Q(graduation_year__range=(EARLIEST_YEAR, LATEST_YEAR)),
                name="student_year_is_plausible",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("school", "last_name", "first_name", "id"), name="student_by_name"),
            models.Index(fields=("school", "major"), name="student_by_major"),
            models.Index(fields=("school", "graduation_year"), name="student_by_year"),
        ]

    def __str__(self) -> str:
        """Return first and last name."""
        return f"{self.first_name} {self.last_name}"


class Employer(models.Model):
    """An employer that a school's career office works with."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)
    industry = models.CharField(max_length=100, blank=True)

    objects: ClassVar = SchoolQuerySet["Employer"].as_manager()

    class Meta:
        """A name is used once in a school."""

        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "name"), name="employer_name_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class DocumentType(models.TextChoices):
    """What a student's document is."""

    RESUME = "resume", _("Résumé")
    TRANSCRIPT = "transcript", _("Transcript")


class StudentDocument(models.Model):
    """The newest document of one type that a student has."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="documents")
    document_type = models.CharField(max_length=10, choices=DocumentType)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = SchoolQuerySet["StudentDocument"].as_manager()

    class Meta:
        """One document of each type for a student."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("student", "document_type"), name="document_type_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the type and the student's id."""
        return f"{self.document_type} of {self.student_id}"
